// The graph's search: by name, kind and shape, in all that the network has, drawn or folded away.

const SHOWN = 60

function plain(text) {
  return text.toLowerCase().replaceAll("×", "x")
}

function matches(graph, asked) {
  const words = plain(asked).split(/\s+/).filter(Boolean)
  if (!words.length) return []
  return graph.index.filter(entry => {
    const text = plain(entry.join(" "))
    return words.every(word => text.includes(word))
  })
}

function wireSearch(graph) {
  const { input, found } = graph
  let hits = []
  let active = -1

  function open(on) {
    found.hidden = !on
    input.setAttribute("aria-expanded", String(on))
    document.documentElement.toggleAttribute("data-searching", on && graph.presenting)
  }

  function close() {
    open(false)
    input.removeAttribute("aria-activedescendant")
    active = -1
  }

  function choose(position) {
    const hit = hits[position]
    if (!hit) return
    close()
    jump(graph, hit[0])
  }

  function activate(position) {
    active = Math.min(found.children.length - 1, Math.max(0, position))
    for (const [index, item] of [...found.querySelectorAll("[role=option]")].entries()) {
      item.setAttribute("aria-selected", String(index === active))
      if (index !== active) continue
      item.scrollIntoView({ block: "nearest" })
      input.setAttribute("aria-activedescendant", item.id)
    }
  }

  function look() {
    hits = matches(graph, input.value)
    found.replaceChildren(...hits.slice(0, SHOWN).map(([id, text, shape], index) => {
      const item = document.createElement("li")
      item.id = `found-${index}`
      item.setAttribute("role", "option")
      item.setAttribute("aria-selected", "false")
      const name = document.createElement("b")
      name.textContent = id
      item.append(name, ` ${text} ${shape}`)
      item.onpointerdown = event => { event.preventDefault(); choose(index) }
      return item
    }))
    const asked = Boolean(input.value.trim())
    graph.status.textContent = asked ? graph.words.results.replace("{n}", hits.length) : ""
    open(hits.length > 0)
    input.classList.toggle("nothing", asked && !hits.length)
    active = -1
  }

  input.oninput = look
  input.onfocus = () => { if (input.value) look() }
  input.onblur = close
  input.onkeydown = event => {
    if (event.key === "ArrowDown") activate(active + 1)
    else if (event.key === "ArrowUp") activate(active - 1)
    else if (event.key === "Enter") choose(Math.max(0, active))
    else if (event.key === "Escape") {
      input.value = ""
      look()
      focusCurrent(graph)
    } else return
    event.preventDefault()
    event.stopPropagation()
  }
}
