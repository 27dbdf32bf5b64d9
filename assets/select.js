// Tells one graph of the page which node is selected without sending the drawing again.
export default function ({ data }) {
  window.dispatchEvent(new CustomEvent("cnnviz-select", { detail: data }))
}
