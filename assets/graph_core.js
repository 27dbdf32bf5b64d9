// The layer graph: an SVG in a scrolling stage, by itself: no server, no imports. The files graph_*
// are joined to one module; a page that holds graph.html and graph.css makes a graph of them with
// makeGraph(root, tell), gives it a drawing with show() and hears through tell(what, id) of what it
// cannot do alone: "select", "toggle", "deep" (unfold all inside), "jump" (to a node that is not
// drawn), "stop" (of a lecture), "fold" and "present".
//
// A drawing's nodes (g.node) and open blocks (g.cluster) have ids that nest by dots; the title of
// an edge (g.edge) is "source->target".

const IMAGE = "input"
const WALK_REST = 250   // ms on a node before it counts as selected

function makeGraph(root, tell) {
  const part = name => root.querySelector(name)
  const graph = {
    tell,
    frame: part(".frame"), toolbar: part(".toolbar"), crumbs: part(".crumbs"),
    input: part("input"), found: part(".search ul"), stage: part(".stage"), map: part(".map"),
    status: part(".status"), stopBar: part(".stops"), stop: null, unkept: new Map(),
    words: {}, index: [], buttons: new Map(),
    svg: null, name: null, groups: new Map(), edges: [], neighbours: new Map(), order: [],
    boxes: null, lit: [],
    scale: 1, auto: true, selected: null, current: null,
    toggled: null, goal: null, sent: [],
    around: new Map(), left: new Map(), presenting: false, canPresent: false,
  }
  wireMouse(graph)
  wireKeys(graph)
  wireSearch(graph)
  wireMap(graph)
  return graph
}

// What the controls around the drawing are called.
function nameControls(graph, words) {
  graph.words = words
  graph.stage.setAttribute("aria-label", words.help)
  graph.input.placeholder = words.search
  graph.input.setAttribute("aria-label", words.search_help)
  graph.crumbs.setAttribute("aria-label", words.crumbs)
  graph.toolbar.setAttribute("aria-label", words.toolbar)
  graph.found.setAttribute("aria-label", words.search)
  graph.stopBar.setAttribute("aria-label", words.stops)
}

// Replace the drawing. `name` is the network's: another one begins at its image. `places` has the
// ids in the order of execution, each with the open boxes around it; without it ids nest by dots
// and the order is the drawing's own, from the top.
function show(graph, { svg, name, label, places }) {
  const { stage } = graph
  const anew = graph.name !== name
  const anchor = anew ? null : graph.toggled ?? middleOfAttention(graph)
  const before = anchor && place(graph, anchor)
  const hadFocus = stage.contains(stage.getRootNode().activeElement)
  stage.innerHTML = svg
  graph.svg = stage.querySelector("svg")
  graph.svg.setAttribute("role", "group")
  graph.svg.setAttribute("aria-label", label)
  graph.name = name
  if (anew) graph.stop = null
  graph.boxes = null
  graph.lit = []
  graph.left = graph.around   // of the drawing before
  graph.around = new Map(places ?? [])
  introduceAll(graph)
  nameBlocks(graph)
  graph.order = inOrder(graph)
  if (graph.auto || anew) openingZoom(graph)
  else zoom(graph, graph.scale, 0, 0)
  if (anew) home(graph)
  else if (before) settle(graph, anchor, before)
  const next = graph.goal ?? graph.toggled ?? (anew ? null : graph.current)
  makeCurrent(graph, standIn(graph, next) ?? graph.order[0])
  mark(graph, graph.selected)
  if (graph.goal && graph.groups.has(graph.goal)) goTo(graph, graph.goal)
  else if (hadFocus) focusCurrent(graph)
  if (graph.toggled) announce(graph, graph.toggled)
  graph.toggled = graph.goal = null
  if (anew) updateStops(graph)
  drawMap(graph)
}

function introduceAll(graph) {
  const { stage, words } = graph
  const names = new Map([[IMAGE, IMAGE]])   // Graphviz's names of the nodes
  graph.groups = new Map()
  for (const group of stage.querySelectorAll("g.node, g.cluster")) {
    const title = group.querySelector("title")
    if (title) names.set(title.textContent, group.id)
    if (group.id === IMAGE) continue
    graph.groups.set(group.id, group)
    if (title) title.textContent = group.id
    const open = group.classList.contains("cluster")
    const texts = [...group.querySelectorAll(":scope > text:not(.mark)")]
    const drawn = texts.map(text => text.textContent.trim())
    const closed = !open && drawn[0]?.startsWith("▸")
    const text = drawn.join(" ").replace(/[▸▾]/g, "").replace(/\s+/g, " ").trim()
    group.setAttribute("role", "button")
    group.setAttribute("tabindex", "-1")
    group.setAttribute("aria-label", text.startsWith(group.id) ? text : `${group.id}, ${text}`)
    group.setAttribute("aria-pressed", "false")
    if (open || closed) group.setAttribute("aria-expanded", String(open))
  }
  graph.edges = [...stage.querySelectorAll("g.edge")].map(element => {
    const title = element.querySelector("title")
    const [from, to] = title.textContent.split("->").map(name => names.get(name) ?? name)
    title.textContent = `${from} → ${to}`
    return { from, to, element }
  })
  graph.neighbours = allNeighbours(graph)
  for (const [id, group] of graph.groups) {
    const { sources, targets } = neighbours(graph, id)
    const parts = []
    if (sources.size) parts.push(`${words.from} ${[...sources].join(", ")}`)
    if (targets.size) parts.push(`${words.to} ${[...targets].join(", ")}`)
    if (parts.length) group.setAttribute("aria-description", parts.join("; "))
  }
}

// Give the graph all that can be searched: [id, what it is, shape] of each op and block, in order.
function setIndex(graph, index) {
  graph.index = index
  nameBlocks(graph)
}

// An open block shows its name alone; what it is and makes is told to those who cannot see inside.
function nameBlocks(graph) {
  const about = new Map(graph.index.map(([id, text, shape]) => [id, `${id}, ${text} ${shape}`]))
  for (const [id, group] of graph.groups) {
    if (!group.classList.contains("cluster")) continue
    const marked = group.querySelector(":scope > text.difference")?.textContent ?? ""
    group.setAttribute("aria-label", `${about.get(id) ?? id} ${marked}`.trim())
  }
}

function inOrder(graph) {
  const known = [...graph.around.keys()].filter(id => graph.groups.has(id))
  if (known.length === graph.groups.size) return known
  const all = boxes(graph)
  const seen = new Set(known)
  const rest = [...graph.groups.keys()].filter(id => !seen.has(id))
  rest.sort((a, b) => all.get(a).y - all.get(b).y || all.get(a).x - all.get(b).x)
  return [...known, ...rest]
}

// The blocks around an id, outermost first; where its place is not known ids nest by dots.
function blocksAround(places, id) {
  return places.get(id) ?? id.split(".").map((_, index, parts) => parts.slice(0, index).join("."))
}

// Whether an id is a block's, or that of anything inside it.
function isWithin(graph, id, block) {
  return id === block || blocksAround(graph.around, id).includes(block)
}

// Of every node and open block, in one pass: the ids that it reads, those that read it, and the
// edges between.
function allNeighbours(graph) {
  const all = new Map()
  const known = id => {
    if (!all.has(id)) all.set(id, { sources: new Set(), targets: new Set(), edges: [] })
    return all.get(id)
  }
  const inAndAround = id => new Set([...blocksAround(graph.around, id), id])
  for (const { from, to, element } of graph.edges) {
    const left = inAndAround(from)
    const entered = inAndAround(to)
    for (const id of entered) {
      if (left.has(id)) continue
      known(id).sources.add(from)
      known(id).edges.push([element, "in"])
    }
    for (const id of left) {
      if (entered.has(id)) continue
      known(id).targets.add(to)
      known(id).edges.push([element, "out"])
    }
  }
  return all
}

function neighbours(graph, id) {
  return graph.neighbours.get(id) ?? { sources: new Set(), targets: new Set(), edges: [] }
}

// What of the drawing stands for an id: itself, the closed block around it, or what is first in it.
function standIn(graph, id) {
  const name = [...blocksAround(graph.left, id ?? ""), id].findLast(name => graph.groups.has(name))
  if (name) return name
  return id && graph.order.find(name => isWithin(graph, name, id))
}

// Select a node, or none, and light up what it reads and who reads it.
function mark(graph, id) {
  const before = graph.groups.get(graph.selected)
  before?.classList.remove("selected")
  before?.setAttribute("aria-pressed", "false")
  for (const element of graph.lit) element.classList.remove("in", "out", "source", "target")
  graph.lit = []
  graph.selected = id
  const group = graph.groups.get(id)
  if (group) {
    group.classList.add("selected")
    group.setAttribute("aria-pressed", "true")
    const { sources, targets, edges } = neighbours(graph, id)
    const light = (element, name) => {
      element?.classList.add(name)
      if (element) graph.lit.push(element)
    }
    const drawn = name => graph.stage.querySelector(`[id="${CSS.escape(name)}"]`)
    for (const [edge, way] of edges) light(edge, way)
    for (const name of sources) light(graph.groups.get(name) ?? drawn(name), "source")
    for (const name of targets) light(graph.groups.get(name), "target")
  }
  updateButtons(graph)
  updateCrumbs(graph)
  frameSelected(graph)
}

// Mark what the user has selected; Python will say so, too, maybe after the next is selected.
function markOwn(graph, id) {
  clearTimeout(graph.resting)
  graph.sent.push(id)
  mark(graph, id)
}

// Mark what Python says is selected, unless that is an echo that a newer one follows.
function markTold(graph, id) {
  const at = graph.sent.lastIndexOf(id)
  graph.sent = at < 0 ? [] : graph.sent.slice(at + 1)
  if (graph.sent.length || id === graph.selected) return
  mark(graph, id)
  if (!graph.groups.has(id)) return
  makeCurrent(graph, id)
  if (!graph.goal && !graph.toggled) reveal(graph, id)
}

function select(graph, id) {
  markOwn(graph, id)
  makeCurrent(graph, id)
  graph.tell("select", id)
}

function isBlock(graph, id) {
  return graph.groups.get(id)?.hasAttribute("aria-expanded") ?? false
}

// Fold or unfold a block; deep: unfold it and all inside. What is no block is selected.
function toggle(graph, id, deep = false) {
  if (!isBlock(graph, id)) { if (graph.groups.has(id)) select(graph, id); return }
  markOwn(graph, id)
  makeCurrent(graph, id)
  graph.toggled = id
  graph.tell(deep ? "deep" : "toggle", id)
}

// Go to a node; one that is hidden in a closed block is drawn first.
function jump(graph, id) {
  if (!graph.groups.has(id)) {
    graph.goal = id
    graph.tell("jump", id)
    return
  }
  goTo(graph, id)
  select(graph, id)
}

function goTo(graph, id) {
  reveal(graph, id, true)
  if (isBlock(graph, id)) showFeeding(graph, id)
  makeCurrent(graph, id)
  focusCurrent(graph)
}

function announce(graph, id) {
  const open = graph.groups.get(id)?.classList.contains("cluster")
  graph.status.textContent = `${id}: ${open ? graph.words.unfolded : graph.words.folded}`
}

// The one node that Tab goes to; arrows go on from there.
function makeCurrent(graph, id) {
  graph.groups.get(graph.current)?.setAttribute("tabindex", "-1")
  graph.current = id
  graph.groups.get(id)?.setAttribute("tabindex", "0")
}

function focusCurrent(graph) {
  graph.groups.get(graph.current)?.focus({ preventScroll: true })
}

function walk(graph, to) {
  const { order } = graph
  const at = order.indexOf(graph.current)
  const id = order[Math.min(order.length - 1, Math.max(0, to(at, order.length)))]
  if (!id) return
  makeCurrent(graph, id)
  focusCurrent(graph)
  reveal(graph, id)
  markOwn(graph, id)
  graph.resting = setTimeout(() => graph.tell("select", id), WALK_REST)
}
