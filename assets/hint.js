// Shown until it is dismissed; the browser remembers.
const KEY = "cnnviz-hint-dismissed"

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
  button.onclick = () => { localStorage.setItem(KEY, "yes"); hint.hidden = true }
  hint.hidden = localStorage.getItem(KEY) === "yes"
}
