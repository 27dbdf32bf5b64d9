// Shown until it is dismissed; the browser remembers, unless it keeps nothing in another site's frame.
const KEY = "cnnviz-hint-dismissed"

function isDismissed() {
  try { return localStorage.getItem(KEY) === "yes" } catch { return false }
}

function keepDismissed() {
  try { localStorage.setItem(KEY, "yes") } catch { /* shown again the next time */ }
}

export default function ({ data, parentElement }) {
  const hint = parentElement.querySelector(".hint")
  const list = hint.querySelector("ol")
  list.replaceChildren(...data.steps.map(step => {
    const item = document.createElement("li")
    item.textContent = step
    return item
  }))
  const button = hint.querySelector("button")
  button.textContent = data.dismiss
  button.onclick = () => { hint.hidden = true; keepDismissed() }
  hint.hidden = isDismissed()
}
