// The stops of a lecture: what is unfolded, selected and zoomed to, kept in this browser, each
// network's by its name; where nothing may be kept, as in a notebook's frame, as long as the page.

const STOPS = "cnnviz-stops:"

function stops(graph) {
  try {
    const kept = JSON.parse(localStorage.getItem(STOPS + graph.name))
    if (Array.isArray(kept)) return kept.filter(stop => Array.isArray(stop?.opened))
  } catch { /* not allowed, or not ours */ }
  return graph.unkept.get(graph.name) ?? []
}

function keepStops(graph, all) {
  try {
    localStorage.setItem(STOPS + graph.name, JSON.stringify(all))
  } catch {
    graph.unkept.set(graph.name, all)
  }
  updateStops(graph)
}

function openBlocks(graph) {
  return [...graph.groups].filter(([, group]) => group.classList.contains("cluster"))
    .map(([id]) => id)
}

function addStop(graph) {
  const all = stops(graph)
  const stop = {
    opened: openBlocks(graph), selected: graph.selected, scale: graph.auto ? null : graph.scale,
  }
  graph.stop = Math.min(all.length, (graph.stop ?? all.length - 1) + 1)
  all.splice(graph.stop, 0, stop)
  keepStops(graph, all)
  tellStop(graph, stop)
}

function dropStop(graph) {
  const all = stops(graph)
  all.splice(graph.stop ?? all.length - 1, 1)
  graph.stop = all.length ? Math.min(graph.stop ?? 0, all.length - 1) : null
  keepStops(graph, all)
}

// Go some stops on or back; false if there is none.
function goStop(graph, by) {
  const all = stops(graph)
  if (!all.length) return false
  const from = graph.stop ?? (by > 0 ? -1 : all.length)
  graph.stop = Math.min(all.length - 1, Math.max(0, from + by))
  const stop = all[graph.stop]
  graph.auto = stop.scale === null
  if (graph.auto) openingZoom(graph)
  else zoom(graph, stop.scale, 0, 0)
  const now = openBlocks(graph)
  const drawn = now.length === stop.opened.length && now.every(id => stop.opened.includes(id))
  if (!drawn) graph.goal = stop.selected
  else if (stop.selected) goTo(graph, stop.selected)
  markOwn(graph, stop.selected)
  tellStop(graph, stop)
  updateStops(graph)
  return true
}

// Python hears of the selection and what is unfolded, a line each.
function tellStop(graph, { selected, opened }) {
  graph.tell("stop", [selected ?? "", ...opened].join("\n"))
}

function updateStops(graph) {
  const { words } = graph
  const count = stops(graph).length
  const button = (text, help, act) => {
    const made = document.createElement("button")
    made.type = "button"
    made.textContent = text
    made.title = help
    made.setAttribute("aria-label", help)
    made.onclick = act
    return made
  }
  const at = document.createElement("span")
  at.textContent = count ? `${graph.stop === null ? "–" : graph.stop + 1} / ${count}` : ""
  const parts = [button("+", words.stop_add, () => addStop(graph))]
  if (count) {
    parts.unshift(button("←", words.stop_back, () => goStop(graph, -1)), at,
      button("→", words.stop_next, () => goStop(graph, 1)))
    parts.push(button("✕", words.stop_drop, () => dropStop(graph)))
  }
  graph.stopBar.replaceChildren(...parts)
}
