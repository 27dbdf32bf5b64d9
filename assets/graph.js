// The layer graph: an SVG in a scrolling stage. Click selects, double click folds or unfolds,
// drag and scroll pan, + - and Ctrl+wheel zoom. Python hears of "selected", "toggle" and "fold".

const SMALLEST = 0.75   // labels have 16 px at scale 1: never under 12 px on opening
const IMAGE = "input"
const instances = new WeakMap()

function natural(svg) {
  const { width, height } = svg.viewBox.baseVal
  return { width: width * 4 / 3, height: height * 4 / 3 }   // points to pixels
}

function zoom(state, scale, anchorX, anchorY) {
  const { stage, svg } = state
  const before = state.scale
  state.scale = Math.min(3, Math.max(0.1, scale))
  svg.style.width = `${natural(svg).width * state.scale}px`
  svg.style.height = "auto"
  const ratio = state.scale / before
  stage.scrollLeft = (stage.scrollLeft + anchorX) * ratio - anchorX
  stage.scrollTop = (stage.scrollTop + anchorY) * ratio - anchorY
}

function fit(state) {
  const { width, height } = natural(state.svg)
  const wide = (state.stage.clientWidth - 24) / width
  const tall = (state.stage.clientHeight - 24) / height
  zoom(state, Math.min(1, Math.max(SMALLEST, Math.min(wide, tall))), 0, 0)
  state.stage.scrollLeft = (state.stage.scrollWidth - state.stage.clientWidth) / 2
}

// Where a node or an open block is on the screen: the middle of its upper edge.
function place(state, id) {
  const box = id && state.groups.get(id)?.getBoundingClientRect()
  return box && { x: box.left + box.width / 2, y: box.top }
}

function show(state, data) {
  const { stage } = state
  const anchor = state.toggled
  const before = place(state, anchor)
  const middle = (stage.scrollLeft + stage.clientWidth / 2) / stage.scrollWidth
  const shown = [...state.groups.keys()].join()
  const focused = stage.contains(stage.getRootNode().activeElement) && anchor
  stage.innerHTML = data.svg
  state.svg = stage.querySelector("svg")
  state.svg.setAttribute("role", "group")
  state.svg.setAttribute("aria-label", data.label)
  state.groups = new Map()
  for (const group of stage.querySelectorAll("g.node, g.cluster")) {
    if (group.id !== IMAGE) introduce(state, group)
  }
  const same = shown === [...state.groups.keys()].join()
  if (state.name !== data.name || (!anchor && !same)) fit(state)
  else {
    const wide = (stage.clientWidth - 24) / natural(state.svg).width
    zoom(state, Math.min(state.scale, Math.max(SMALLEST, wide)), 0, 0)
    stage.scrollLeft = middle * stage.scrollWidth - stage.clientWidth / 2
    const after = place(state, anchor)
    if (before && after) {
      stage.scrollTop += after.y - before.y
      stage.scrollLeft += after.x - before.x
    }
  }
  if (focused) state.groups.get(anchor)?.focus({ preventScroll: true })
  state.name = data.name
  state.toggled = null
  mark(state, state.selected)
}

function introduce(state, group) {
  state.groups.set(group.id, group)
  const words = [...group.querySelectorAll(":scope > text:not(.mark)")].map(text => text.textContent.trim())
  const title = group.querySelector("title")
  if (title) title.textContent = group.id
  group.setAttribute("tabindex", "0")
  group.setAttribute("role", "button")
  group.setAttribute("aria-label", words.join(" "))
  if (group.classList.contains("cluster")) group.setAttribute("aria-expanded", "true")
  else if (words[0].startsWith("▸")) group.setAttribute("aria-expanded", "false")
}

function mark(state, id) {
  for (const [name, group] of state.groups) {
    group.classList.toggle("selected", name === id)
    group.setAttribute("aria-pressed", String(name === id))
  }
  state.selected = id
}

function groupAt(event) {
  const group = event.target.closest?.("g.node, g.cluster")
  return group && group.id !== IMAGE ? group.id : null
}

export default function (component) {
  const { data, parentElement, setStateValue, setTriggerValue } = component
  const stage = parentElement.querySelector(".stage")
  let state = instances.get(parentElement)
  if (!state) {
    state = { stage, groups: new Map(), scale: 1, name: null }
    state.onSelect = ({ detail: { graph, selected } }) => {
      if (graph !== state.key) return   // another graph's of the page
      mark(state, selected)
      state.groups.get(selected)?.scrollIntoView({ block: "nearest", inline: "nearest" })
    }
    window.addEventListener("cnnviz-select", state.onSelect)
    instances.set(parentElement, state)
  }
  state.key = data.key
  stage.setAttribute("aria-label", data.help)
  const acts = {
    in: () => zoom(state, state.scale * 1.25, stage.clientWidth / 2, stage.clientHeight / 2),
    out: () => zoom(state, state.scale * 0.8, stage.clientWidth / 2, stage.clientHeight / 2),
    fit: () => fit(state),
  }
  const toolbar = parentElement.querySelector(".toolbar")
  toolbar.replaceChildren(...data.buttons.map(({ act, text, help, disabled }) => {
    const button = document.createElement("button")
    button.type = "button"
    button.textContent = text
    button.title = help
    button.setAttribute("aria-label", help)
    button.disabled = disabled
    button.onclick = acts[act] ?? (() => setTriggerValue("fold", act))
    return button
  }))
  if (state.graph !== data.graph) {
    state.graph = data.graph
    show(state, data)
  }

  const select = id => { mark(state, id); setStateValue("selected", id) }
  const toggle = id => { state.toggled = id; setTriggerValue("toggle", id) }
  stage.onclick = event => {
    const id = groupAt(event)
    if (id && !state.moved) select(id)
  }
  stage.ondblclick = event => {
    const id = groupAt(event)
    if (id) toggle(id)
  }
  stage.onkeydown = event => {
    const id = groupAt(event)
    if (id && event.key === "Enter") select(id)
    else if (id && event.key === " ") toggle(id)
    else if (event.key === "+" || event.key === "=") zoom(state, state.scale * 1.25, 0, 0)
    else if (event.key === "-") zoom(state, state.scale * 0.8, 0, 0)
    else if (event.key === "0") fit(state)
    else return
    event.preventDefault()
  }
  stage.onwheel = event => {
    if (!event.ctrlKey && !event.metaKey) return
    event.preventDefault()
    const box = stage.getBoundingClientRect()
    const factor = Math.exp(-event.deltaY / 400)
    zoom(state, state.scale * factor, event.clientX - box.left, event.clientY - box.top)
  }
  stage.onpointerdown = event => {
    state.moved = false
    if (event.button !== 0 || event.pointerType === "touch") return
    state.drag = { x: event.clientX, y: event.clientY }
  }
  stage.onpointermove = event => {
    if (!state.drag || !(event.buttons & 1)) { state.drag = null; return }
    const dx = event.clientX - state.drag.x
    const dy = event.clientY - state.drag.y
    if (!state.moved && Math.hypot(dx, dy) < 4) return
    state.moved = true
    stage.classList.add("dragging")
    stage.scrollLeft -= dx
    stage.scrollTop -= dy
    state.drag = { x: event.clientX, y: event.clientY }
  }
  stage.onpointerup = () => { state.drag = null; stage.classList.remove("dragging") }
  return () => window.removeEventListener("cnnviz-select", state.onSelect)
}
