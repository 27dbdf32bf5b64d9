// The mouse and the keyboard of the graph.

function groupAt(element) {
  const group = element.closest?.("g.node, g.cluster")
  return group && group.id !== IMAGE ? group.id : null
}

function wireMouse(graph) {
  const { stage } = graph
  let drag = null
  let moved = false
  let clicked = null   // by the first of two clicks: in a presentation the drawing then moves
  stage.onclick = event => {
    if (event.detail > 1) return
    clicked = moved ? null : groupAt(event.target)
    if (clicked) select(graph, clicked)
  }
  stage.ondblclick = event => {
    const id = event.detail === 2 ? clicked : groupAt(event.target)
    if (id) toggle(graph, id, event.shiftKey)
  }
  stage.addEventListener("wheel", event => {
    if (!event.ctrlKey && !event.metaKey) return
    event.preventDefault()
    const box = stage.getBoundingClientRect()
    zoomBy(graph, Math.exp(-event.deltaY / 400), event.clientX - box.left, event.clientY - box.top)
  }, { passive: false })
  stage.onpointerdown = event => {
    moved = false
    if (event.button !== 0 || event.pointerType === "touch") return
    drag = { x: event.clientX, y: event.clientY }
  }
  stage.onpointermove = event => {
    if (!drag || !(event.buttons & 1)) { drag = null; return }
    const dx = event.clientX - drag.x
    const dy = event.clientY - drag.y
    if (!moved && Math.hypot(dx, dy) < 4) return
    moved = true
    stage.classList.add("dragging")
    stage.scrollLeft -= dx
    stage.scrollTop -= dy
    drag = { x: event.clientX, y: event.clientY }
  }
  stage.onpointerup = () => { drag = null; stage.classList.remove("dragging") }
}

const ANYWHERE = {   // in the graph, and where nothing has the focus
  "p": graph => graph.canPresent && present(graph, !graph.presenting),
  "/": graph => graph.input.focus(),
}
const IN_THE_GRAPH = {
  "+": graph => zoomBy(graph, 1.25),
  "=": graph => zoomBy(graph, 1.25),
  "-": graph => zoomBy(graph, 0.8),
  "0": graph => openingZoom(graph),
  "f": graph => fitWhole(graph),
  "w": graph => fitWidth(graph),
  "s": graph => fitSelected(graph),
  "ArrowDown": graph => walk(graph, at => at + 1),
  "ArrowUp": graph => walk(graph, at => at - 1),
  "ArrowRight": graph => stepOr(graph, 1),
  "ArrowLeft": graph => stepOr(graph, -1),
  "Home": graph => walk(graph, () => 0),
  "End": graph => walk(graph, (_, length) => length - 1),
}
const IN_A_PRESENTATION = {   // a lecturer's remote control sends the first two
  "PageDown": graph => goStop(graph, 1),
  "PageUp": graph => goStop(graph, -1),
  "a": graph => addStop(graph),
  "x": graph => dropStop(graph),
  "d": graph => showDetails(graph),
  "Escape": graph => present(graph, false),
}
const ON_A_NODE = new Set(["Enter", " "])

// Left and right: from stop to stop of a lecture or, without any, from node to node.
function stepOr(graph, by) {
  if (!graph.presenting || !goStop(graph, by)) walk(graph, at => at + by)
}

function wireKeys(graph) {
  graph.onKey = event => {
    const [at] = event.composedPath()
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return
    if (at.isContentEditable || ["input", "textarea", "select"].includes(at.localName)) return
    const inside = graph.presenting || event.composedPath().includes(graph.frame)
    const free = document.activeElement === document.body && graph.canPresent
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key
    if (inside && ON_A_NODE.has(key)) {
      if (at.localName === "button") return
      toggle(graph, groupAt(at) ?? graph.current, event.shiftKey)
    } else if (graph.presenting && IN_A_PRESENTATION[key]) IN_A_PRESENTATION[key](graph)
    else if (inside && IN_THE_GRAPH[key]) IN_THE_GRAPH[key](graph)
    else if ((inside || free) && ANYWHERE[key]) ANYWHERE[key](graph)
    else return
    event.preventDefault()
  }
  window.addEventListener("keydown", graph.onKey)
  graph.stage.addEventListener("focusin", event => {
    const id = groupAt(event.target)
    if (id) makeCurrent(graph, id)
  })
}
