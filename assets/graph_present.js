// The toolbar, and the presentation: the graph over the whole window.

const ACTS = {
  in: graph => zoomBy(graph, 1.25),
  out: graph => zoomBy(graph, 0.8),
  fit_whole: fitWhole,
  fit_width: fitWidth,
  fit_selected: fitSelected,
  deep: graph => toggle(graph, graph.selected, true),
  details: showDetails,
  present: graph => present(graph, !graph.presenting),
}
const NEEDS = {   // what a button has to have to be of use
  fit_selected: graph => graph.groups.has(graph.selected),
  deep: graph => isBlock(graph, graph.selected),
}

// Buttons stay the same elements, so that the one that was pressed keeps the focus.
function setButtons(graph, buttons) {
  for (const { act, text, help, disabled } of buttons) {
    let button = graph.buttons.get(act)
    if (!button) {
      button = document.createElement("button")
      button.type = "button"
      button.className = act
      button.onclick = () => {
        if (button.getAttribute("aria-disabled") === "true") return
        if (ACTS[act]) ACTS[act](graph)
        else graph.tell("fold", act)
      }
      graph.buttons.set(act, button)
      graph.toolbar.append(button)
    }
    button.textContent = text
    button.title = help
    button.setAttribute("aria-label", help)
    button.setAttribute("aria-disabled", String(disabled))
  }
  updateButtons(graph)
}

function updateButtons(graph) {
  for (const [act, isOfUse] of Object.entries(NEEDS)) {
    graph.buttons.get(act)?.setAttribute("aria-disabled", String(!isOfUse(graph)))
  }
  graph.frame.classList.toggle("detailed", graph.presenting && graph.groups.has(graph.selected)
    && !document.documentElement.hasAttribute("data-no-details"))
  graph.buttons.get("present")?.setAttribute("aria-pressed", String(graph.presenting))
}

// The page's style sheet hides all else while the document is marked so.
function present(graph, on, tell = true) {
  if (graph.presenting === on) return
  graph.presenting = on
  const middle = middleOfAttention(graph)
  graph.frame.classList.toggle("presenting", on)
  const title = graph.frame.querySelector(".title")   // the page's own is hidden
  title.hidden = !on
  title.textContent = graph.name
  document.documentElement.toggleAttribute("data-presenting", on)
  document.documentElement.removeAttribute("data-no-details")
  updateButtons(graph)
  openingZoom(graph)
  if (middle) {
    reveal(graph, middle, true)
    showFeeding(graph, middle)
  }
  drawMap(graph)
  focusCurrent(graph)
  if (tell) graph.tell("present", on ? "on" : "off")
}

function showDetails(graph) {
  document.documentElement.toggleAttribute("data-no-details")
  updateButtons(graph)
}
