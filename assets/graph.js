// The graph as a component of the page: Python gives the drawing, what is selected and all that
// can be searched, and hears of what is done.

const instances = new WeakMap()

// What graph_tell.js tells of: small things, apart from the drawing, which would be sent with them.
function hear(graph, told = {}) {
  if (told.index) setIndex(graph, told.index)
  if ("selected" in told) markTold(graph, told.selected)
  if ("present" in told && told.present !== graph.told) {   // Python's mind, not an echo
    graph.told = told.present
    graph.canPresent = told.present !== null
    if (graph.canPresent) present(graph, told.present, false)
  }
}

export default function ({ data, parentElement, setTriggerValue }) {
  let graph = instances.get(parentElement)
  const anew = !graph
  if (anew) {
    graph = makeGraph(parentElement, () => {})
    graph.onTold = ({ detail }) => { if (detail.graph === graph.key) hear(graph, detail) }
    window.addEventListener("cnnviz-graph", graph.onTold)
    instances.set(parentElement, graph)
  }
  graph.tell = setTriggerValue
  graph.key = data.key
  nameControls(graph, data.words)
  setButtons(graph, data.buttons)
  if (graph.hash !== data.hash) {
    graph.hash = data.hash
    show(graph, data)
  }
  if (anew) hear(graph, window.cnnvizGraphs?.[data.key])   // what came before it was there
  return () => {
    window.removeEventListener("cnnviz-graph", graph.onTold)
    window.removeEventListener("keydown", graph.onKey)
    graph.resized.disconnect()
    clearTimeout(graph.resting)
    if (graph.presenting) document.documentElement.removeAttribute("data-presenting")
  }
}
