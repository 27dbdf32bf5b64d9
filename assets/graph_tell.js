// Tells one graph of the page something small without sending the drawing again.
export default function ({ data }) {
  const all = window.cnnvizGraphs ??= {}
  all[data.graph] = { ...all[data.graph], ...data }
  window.dispatchEvent(new CustomEvent("cnnviz-graph", { detail: data }))
}
