// The report's graph: levels of unfolding, zoom, and what is known of the node that is chosen.
const { nodes, words } = JSON.parse(document.getElementById("known").textContent)
const stage = document.querySelector(".stage")
const drawings = [...stage.querySelectorAll("svg")]
const levels = [...document.querySelectorAll("[data-level]")]
const details = document.querySelector(".details")
let level = 0
let scale = 1

function natural(svg) { return svg.viewBox.baseVal.width * 4 / 3 }   // points to pixels

function zoom(factor) {
  scale = Math.min(4, Math.max(0.2, factor))
  for (const svg of drawings) {
    svg.style.width = `${natural(svg) * scale}px`
    svg.style.height = "auto"
  }
}

function fit() { zoom(Math.min(1.5, (stage.clientWidth - 24) / natural(drawings[level]))) }

function show(number, at) {
  level = Math.min(drawings.length - 1, Math.max(0, number))
  drawings.forEach((svg, index) => { svg.toggleAttribute("hidden", index !== level) })
  levels.forEach((button, index) => button.setAttribute("aria-pressed", String(index === level)))
  fit()
  const found = at && drawings[level].querySelector(`[id="${CSS.escape(at)}"]`)
  if (found) found.scrollIntoView({ block: "nearest", inline: "center" })
  else stage.scrollTop = 0
}

function choose(group) {
  for (const other of stage.querySelectorAll("g.node")) other.setAttribute("aria-pressed", "false")
  group.setAttribute("aria-pressed", "true")
  const heading = document.createElement("h3")
  heading.textContent = group.id
  const list = document.createElement("dl")
  nodes[group.id].forEach((value, index) => {
    if (value === "") return
    const term = document.createElement("dt")
    const text = document.createElement("dd")
    term.textContent = words[index]
    text.textContent = value
    list.append(term, text)
  })
  details.replaceChildren(heading, list)
}

for (const group of stage.querySelectorAll("g.node")) {
  if (!nodes[group.id]) continue
  group.setAttribute("tabindex", "0")
  group.setAttribute("role", "button")
  group.setAttribute("aria-pressed", "false")
  const text = [...group.querySelectorAll("text")].map(one => one.textContent.trim()).join(" ")
  group.setAttribute("aria-label", text)
  group.querySelector("title")?.remove()
  group.onclick = () => choose(group)
  group.ondblclick = () => show(level + 1, group.id)
  group.onkeydown = event => {
    if (event.key !== "Enter" && event.key !== " ") return
    event.preventDefault()
    choose(group)
  }
}
levels.forEach((button, index) => { button.onclick = () => show(index) })
const acts = { in: () => zoom(scale * 1.25), out: () => zoom(scale * 0.8), fit }
for (const button of document.querySelectorAll("[data-act]")) button.onclick = acts[button.dataset.act]
show(0)
