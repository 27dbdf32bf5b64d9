// The page: a graph for each language, made when it is first seen, and what is chosen in it.

const network = JSON.parse(document.getElementById("network").textContent)
const pages = [...document.querySelectorAll("main")]
const graphs = new Map()   // of the pages that have been seen

function explore(page) {
  const words = network.words[page.dataset.language]
  const host = page.querySelector(".stage-host")
  const root = host.attachShadow({ mode: "open" })
  root.append(document.getElementById("graph").content.cloneNode(true))
  let opened = new Set(network.opened)
  const known = new Map()   // every op and block, with the blocks around it
  for (const [id, around] of network.ops) {
    around.forEach((name, depth) => known.set(name, around.slice(0, depth)))
    known.set(id, around)
  }
  const blocks = [...known.keys()].filter(id => network.about[id].kind === "block")
  const inside = name => blocks.filter(id => id === name || known.get(id).includes(name))
  const graph = Graph.makeGraph(root, (act, id) => acts[act]?.(id))
  graphs.set(page, graph)
  Graph.nameControls(graph, words.graph)
  const measure = page.querySelector(".colours select")
  const legend = page.querySelector(".legend")
  const kinds = [...legend.querySelectorAll("span:has(i)")]

  function redraw() {
    const { svg, places, folded, colours } = drawing(network, opened, words, measure.value)
    const closed = [...folded.nodes.values()].filter(node => node.isBlock).map(node => node.id)
    ways = { fold_all: [], unfold_level: [...opened, ...closed], unfold_all: blocks }
    Graph.show(graph, { svg, places, name: network.name, label: words.label })
    Graph.setButtons(graph, words.buttons.map(button => ({
      ...button, disabled: ways[button.act] ? isOpen(ways[button.act]) : false,
    })))
    for (const entry of legend.querySelectorAll("span:has(i)")) entry.remove()
    legend.prepend(...measured(colours, network.colours, words) ?? kinds)
  }

  let ways = {}
  const isOpen = names => names.length === opened.size && names.every(name => opened.has(name))
  const unfold = names => { opened = new Set(names); redraw() }
  const choose = id => details(page, id, words)
  const acts = {
    select: choose,
    toggle: name => {
      unfold(opened.has(name)
        ? [...opened].filter(id => !inside(name).includes(id)) : [...opened, name])
      choose(name)
    },
    deep: name => { unfold([...opened, ...inside(name)]); choose(name) },
    jump: id => { unfold([...opened, ...known.get(id) ?? []]); Graph.mark(graph, id); choose(id) },
    fold: way => unfold(ways[way]),
    present: () => { if (graph.selected) choose(graph.selected) },
    stop: text => {
      const [selected, ...names] = text.split("\n")
      const wanted = names.filter(name => blocks.includes(name))
      if (!isOpen(wanted)) unfold(wanted)
      if (known.has(selected)) choose(selected)
    },
  }
  measure.onchange = redraw
  redraw()
  Graph.setIndex(graph, [...known.keys()].map(id =>
    [id, words.texts[id], network.about[id].shape]))
  if (network.selected) Graph.jump(graph, network.selected)
}

// What is known of an op or block, beside the graph.
function details(page, id, words) {
  const about = network.about[id]
  const heading = document.createElement("h3")
  heading.textContent = id
  heading.ariaLevel = document.documentElement.hasAttribute("data-presenting") ? 2 : 3
  const said = document.createElement("p")
  said.textContent = `${words.texts[id]} · ${words.kinds[about.kind]}`
  const why = document.createElement("p")
  why.textContent = words.explained[id] ?? ""
  const list = document.createElement("dl")
  about.facts.forEach((value, index) => {
    if (value === "") return
    const term = document.createElement("dt")
    const text = document.createElement("dd")
    term.textContent = words.facts[index]
    text.textContent = value ?? words.whole
    list.append(term, text)
  })
  page.querySelector(".details").replaceChildren(heading, said, why, list)
}

function turnTo(language) {
  const page = pages.find(page => page.dataset.language === language)
  document.documentElement.lang = page.lang
  for (const other of pages) other.hidden = other !== page
  for (const button of document.querySelectorAll("button[data-language]")) {
    button.setAttribute("aria-pressed", String(button.dataset.language === language))
  }
  if (!graphs.has(page)) explore(page)
  for (const [one, graph] of graphs) graph.canPresent = one === page
}

for (const button of document.querySelectorAll("button[data-language]")) {
  button.onclick = () => turnTo(button.dataset.language)
}
turnTo(pages.find(page => !page.hidden).dataset.language)
