// Where the graph's window stands and how large the drawing is in it.

const LEGIBLE = 11 / 16    // labels have 16 px at scale 1: never under 11 px on opening
const FROM_THE_BACK = 1.25 // and never under 20 px in a presentation
const MOST_IN_A_HALL = 1.5
const MARGIN = 24

// How much larger than usual the user's browser writes.
function textSize() {
  return parseFloat(getComputedStyle(document.documentElement).fontSize) / 16
}

// The part of the window that no overlay covers; the style sheet keeps that free by a padding.
function room({ stage }) {
  const { paddingRight, paddingBottom } = getComputedStyle(stage)
  return {
    width: stage.clientWidth - parseFloat(paddingRight),
    height: stage.clientHeight - parseFloat(paddingBottom),
  }
}

function natural(graph) {
  const { width, height } = graph.svg.viewBox.baseVal
  return { width: width * 4 / 3, height: height * 4 / 3 }   // points to pixels
}

// The boxes of all nodes and open blocks, in pixels at scale 1 from the drawing's corner.
function boxes(graph) {
  if (graph.boxes) return graph.boxes
  const corner = graph.svg.getBoundingClientRect()
  const scale = corner.width / natural(graph).width || 1
  graph.boxes = new Map()
  for (const [id, group] of graph.groups) {
    const box = group.getBoundingClientRect()
    graph.boxes.set(id, {
      x: (box.left - corner.left) / scale, y: (box.top - corner.top) / scale,
      width: box.width / scale, height: box.height / scale,
    })
  }
  return graph.boxes
}

// A node's box in the window, as it is scrolled and zoomed now.
function place(graph, id) {
  const box = boxes(graph).get(id)
  if (!box) return null
  const { stage, svg, scale } = graph
  const left = svg.getBoundingClientRect().left - stage.getBoundingClientRect().left
  const top = svg.getBoundingClientRect().top - stage.getBoundingClientRect().top
  return {
    x: left + box.x * scale, y: top + box.y * scale,
    width: box.width * scale, height: box.height * scale,
  }
}

function zoom(graph, scale, anchorX, anchorY) {
  const { stage, svg } = graph
  const before = svg.getBoundingClientRect()
  const corner = stage.getBoundingClientRect()
  const wanted = Math.min(4, Math.max(0.002, scale))
  const ratio = wanted / (graph.drawn === svg ? graph.scale : wanted)
  const x = anchorX - (before.left - corner.left)
  const y = anchorY - (before.top - corner.top)
  graph.scale = wanted
  graph.drawn = svg
  svg.style.width = `${natural(graph).width * graph.scale}px`
  svg.style.height = "auto"
  const after = svg.getBoundingClientRect()
  stage.scrollLeft += after.left - corner.left + x * ratio - anchorX
  stage.scrollTop += after.top - corner.top + y * ratio - anchorY
}

function zoomBy(graph, factor, x, y) {
  graph.auto = false
  const { width, height } = room(graph)
  zoom(graph, graph.scale * factor, x ?? width / 2, y ?? height / 2)
}

function widthScale(graph) {
  return (room(graph).width - MARGIN) / natural(graph).width
}

// As a network opens: as wide as the window as long as its words stay legible.
function openingZoom(graph) {
  const scales = graph.presenting ? [FROM_THE_BACK, MOST_IN_A_HALL] : [LEGIBLE, 1]
  const [least, most] = scales.map(scale => scale * textSize())
  graph.auto = true
  const { width, height } = room(graph)
  zoom(graph, Math.min(most, Math.max(least, widthScale(graph))), width / 2, height / 2)
}

// The image, at the top, in the middle.
function home(graph) {
  const { stage } = graph
  stage.scrollTop = 0
  stage.scrollLeft = (stage.scrollWidth - stage.clientWidth) / 2
}

function fitWhole(graph) {
  graph.auto = false
  const tall = (room(graph).height - MARGIN) / natural(graph).height
  zoom(graph, Math.min(2, widthScale(graph), tall), 0, 0)
  home(graph)
}

function fitWidth(graph) {
  graph.auto = false
  zoom(graph, Math.min(2, widthScale(graph)), 0, room(graph).height / 2)
  graph.stage.scrollLeft = (graph.stage.scrollWidth - graph.stage.clientWidth) / 2
}

function fitSelected(graph) {
  const box = boxes(graph).get(graph.selected)
  if (!box) return
  graph.auto = false
  const { stage } = graph
  const { width, height } = room(graph)
  const wide = (width - MARGIN) / box.width
  const tall = (height - MARGIN) / box.height
  zoom(graph, Math.min(2, wide, tall), 0, 0)
  const now = place(graph, graph.selected)
  stage.scrollLeft += now.x + now.width / 2 - width / 2
  stage.scrollTop += now.y + now.height / 2 - height / 2
}

// Scroll so that a node, or the upper edge of a block, is in the window; `far`: with room around.
function reveal(graph, id, far = false) {
  const box = place(graph, id)
  if (!box) return
  const { stage } = graph
  const { width, height } = room(graph)
  const wanted = Math.min(box.height, height / 2)
  const space = far ? (height - wanted) / 3 : 8
  if (box.y < 0) stage.scrollTop += box.y - space
  else if (box.y + wanted > height) stage.scrollTop += box.y + wanted - height + space
  const across = Math.min(box.width, width / 2)
  const from = box.x + (box.width - across) / 2
  if (from < 0) stage.scrollLeft += from - 8
  else if (from + across > width) stage.scrollLeft += from + across - width + 8
}

// What the eye is on: the selected node if it is in the window, else the topmost that is.
function middleOfAttention(graph) {
  if (!graph.svg) return null
  const inside = id => {
    const box = place(graph, id)
    return box && box.y + box.height > 0 && box.y < room(graph).height
  }
  if (graph.groups.has(graph.selected) && inside(graph.selected)) return graph.selected
  return topmost(graph)
}

// The first node, in the order of the drawing from the top, whose upper edge is in the window.
function topmost(graph) {
  const { stage, svg, scale } = graph
  const top = (stage.getBoundingClientRect().top - svg.getBoundingClientRect().top) / scale
  let best = null
  let least = Infinity
  for (const [id, box] of boxes(graph)) {
    if (graph.groups.get(id).classList.contains("cluster")) continue
    if (box.y >= top - 1 && box.y < least) { best = id; least = box.y }
  }
  return best
}

// After a fold: keep what stood for the anchor where it was, and what feeds it in the window.
function settle(graph, anchor, before) {
  const id = standIn(graph, anchor)
  const after = id && place(graph, id)
  if (!after) return
  const { stage } = graph
  stage.scrollTop += after.y - before.y
  stage.scrollLeft += after.x + after.width / 2 - (before.x + before.width / 2)
  if (graph.toggled === id) showFeeding(graph, id)
}

// Scroll back, if need be, to the upper edge of a block and to what feeds it, if that is near.
function showFeeding(graph, id) {
  const at = place(graph, id)
  if (!at) return
  const feeding = [...neighbours(graph, id).sources]
    .map(name => place(graph, name)?.y ?? at.y)
    .filter(y => at.y - y < room(graph).height / 2)
  const highest = Math.min(at.y, ...feeding)
  if (highest < 8) graph.stage.scrollTop += highest - 8
}
