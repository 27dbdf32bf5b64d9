// Makes plotly.js, which comes as text, the page's own; once for all charts.
export default function ({ data }) {
  if (window.Plotly) return
  const script = document.createElement("script")
  script.textContent = data.source
  document.head.append(script)
}
