// Where one is: a small map of the drawing with the window's frame in it, and the blocks around.

const MAP = { part: 0.14, width: 110, least: 30, height: 0.45 }   // px, parts of the window
const ROOM_FOR_A_MAP = 460   // px

function wireMap(graph) {
  const { stage, map } = graph
  let waiting = false
  stage.onscroll = () => {
    if (waiting) return
    waiting = true
    requestAnimationFrame(() => {
      waiting = false
      frameWindow(graph)
      updateCrumbs(graph)
    })
  }
  const goToPointer = event => {
    if (!(event.buttons & 1)) return
    const box = map.getBoundingClientRect()
    const { width, height } = natural(graph)
    const x = (event.clientX - box.left) / box.width * width * graph.scale
    const y = (event.clientY - box.top) / box.height * height * graph.scale
    stage.scrollLeft = x - stage.clientWidth / 2
    stage.scrollTop = y - stage.clientHeight / 2
  }
  map.onpointerdown = event => { map.setPointerCapture(event.pointerId); goToPointer(event) }
  map.onpointermove = goToPointer
  graph.resized = new ResizeObserver(() => {
    if (!graph.svg || !stage.clientWidth) return
    if (graph.auto) openingZoom(graph)
    drawMap(graph)
    updateCrumbs(graph)
  })
  graph.resized.observe(stage)
}

function drawMap(graph) {
  const { stage, map, svg } = graph
  if (!svg) return
  const { width, height } = natural(graph)
  const most = Math.min(MAP.width, MAP.part * stage.clientWidth)
  const fit = Math.min(most / width, stage.clientHeight * MAP.height / height)
  const wide = Math.max(MAP.least, width * fit)   // a thin thread is drawn wider than it is
  const tall = Math.max(MAP.least, height * fit)
  const canvas = map.querySelector("canvas")
  const sharp = window.devicePixelRatio || 1
  map.style.width = `${wide}px`
  map.style.height = `${tall}px`
  canvas.width = wide * sharp
  canvas.height = tall * sharp
  const pen = canvas.getContext("2d")
  pen.scale(canvas.width / width, canvas.height / height)
  for (const [id, box] of boxes(graph)) {
    const group = graph.groups.get(id)
    const shape = group.querySelector("path, polygon")
    const open = group.classList.contains("cluster")
    pen.fillStyle = open ? "rgba(128, 128, 128, 0.15)" : shape?.getAttribute("fill") ?? "gray"
    pen.fillRect(box.x, box.y, box.width, box.height)
  }
  frameWindow(graph)
  frameSelected(graph)
}

function frameWindow(graph) {
  const { stage, map } = graph
  if (!graph.svg) return
  const fits = stage.scrollWidth <= stage.clientWidth + 1
    && stage.scrollHeight <= stage.clientHeight + 1
  map.hidden = fits || stage.clientWidth < ROOM_FOR_A_MAP
  if (map.hidden) return
  const frame = map.querySelector(".window").style
  const part = (from, size, whole) => {
    const share = Math.min(1, size / whole)
    return [`${100 * Math.min(1 - share, from / whole)}%`, `${100 * share}%`]
  }
  ;[frame.left, frame.width] = part(stage.scrollLeft, stage.clientWidth, stage.scrollWidth)
  ;[frame.top, frame.height] = part(stage.scrollTop, stage.clientHeight, stage.scrollHeight)
}

function frameSelected(graph) {
  const here = graph.map.querySelector(".here")
  const box = graph.svg && boxes(graph).get(graph.selected)
  here.hidden = !box || graph.groups.get(graph.selected).classList.contains("cluster")
  if (here.hidden) return
  const { width, height } = natural(graph)
  here.style.left = `${100 * box.x / width}%`
  here.style.top = `${100 * box.y / height}%`
  here.style.width = `${100 * box.width / width}%`
  here.style.height = `${100 * box.height / height}%`
}

// The open blocks around the selected node or, where it is out of sight, around the topmost one.
function updateCrumbs(graph) {
  if (!graph.svg) return
  const at = middleOfAttention(graph)
  const around = [...graph.order]
    .filter(id => graph.groups.get(id).classList.contains("cluster") && at
      && isWithin(graph, at, id))
  const line = [graph.name, ...around].join(">")
  if (graph.crumbs.dataset.line === line) return
  graph.crumbs.dataset.line = line
  const crumb = (text, act) => {
    const button = document.createElement("button")
    button.type = "button"
    button.textContent = text
    button.onclick = act
    return button
  }
  graph.crumbs.replaceChildren(
    crumb(graph.name, () => { graph.stage.scrollTop = 0; makeCurrent(graph, graph.order[0]) }),
    ...around.map((id, index) => {
      const outer = around.slice(0, index).findLast(name => id.startsWith(`${name}.`))
      const short = outer ? id.slice(outer.length + 1) : id
      return crumb(`› ${short}`, () => goTo(graph, id))
    }),
  )
  graph.crumbs.scrollLeft = graph.crumbs.scrollWidth   // the innermost is what one looks for
}
