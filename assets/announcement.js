// Has a screen reader say what has changed on the page: politely, and once it has come to rest.
const REST = 1000   // ms

const state = window.cnnvizAnnounced ??= { before: new WeakMap(), waiting: new Map(), timer: 0 }

// The region has to be there before it says anything.
function region() {
  const id = "cnnviz-announced"
  return document.getElementById(id) ?? document.body.appendChild(Object.assign(
    document.createElement("div"), { id, role: "status" }))
}

function say() {
  region().textContent = [...state.waiting.values()].flat().join(". ")
  state.waiting.clear()
}

export default function ({ data, parentElement }) {
  region()
  const { key, parts } = data
  if (!parts.length) return
  const before = state.before.get(parentElement)
  state.before.set(parentElement, parts)
  const changed = parts.filter(part => !before?.includes(part))
  if (!before || !changed.length) return
  state.waiting.set(key, changed)
  clearTimeout(state.timer)
  state.timer = setTimeout(say, REST)
}
