// A small canvas: white strokes on black, with mouse, pen or finger, or with the arrow keys while
// Space is held. After each stroke Python hears of "pixels", 28×28 grey values, row by row.

const SIDE = 28
const PEN = 20   // px, two pixels of what is sent
const STEP = 10
const instances = new WeakMap()
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }

function clear({ canvas, context }) {
  context.fillStyle = "#000"
  context.fillRect(0, 0, canvas.width, canvas.height)
}

function line({ context }, from, to) {
  context.strokeStyle = "#fff"
  context.lineWidth = PEN
  context.lineCap = context.lineJoin = "round"
  context.beginPath()
  context.moveTo(from.x, from.y)
  context.lineTo(to.x, to.y)
  context.stroke()
}

function pixels({ canvas }) {
  const small = document.createElement("canvas")
  small.width = small.height = SIDE
  const context = small.getContext("2d")
  context.imageSmoothingQuality = "high"
  context.drawImage(canvas, 0, 0, SIDE, SIDE)
  const { data } = context.getImageData(0, 0, SIDE, SIDE)
  return Array.from({ length: SIDE * SIDE }, (_, index) => data[4 * index])
}

export default function ({ data, parentElement, setStateValue }) {
  const canvas = parentElement.querySelector("canvas")
  let state = instances.get(parentElement)
  if (!state) {
    const context = canvas.getContext("2d", { willReadFrequently: true })
    state = { canvas, context, pen: { x: canvas.width / 2, y: canvas.height / 2 } }
    clear(state)
    instances.set(parentElement, state)
  }
  canvas.setAttribute("aria-label", data.label)
  parentElement.querySelector(".below span").textContent = data.hint
  const button = parentElement.querySelector("button")
  button.textContent = data.clear
  button.onclick = () => { clear(state); setStateValue("pixels", null) }

  const at = event => ({ x: event.offsetX, y: event.offsetY })
  canvas.onpointerdown = event => {
    canvas.setPointerCapture(event.pointerId)
    state.last = at(event)
    line(state, state.last, state.last)
  }
  canvas.onpointermove = event => {
    if (!state.last) return
    line(state, state.last, at(event))
    state.last = at(event)
  }
  canvas.onpointerup = canvas.onpointercancel = () => {
    if (!state.last) return
    state.last = null
    setStateValue("pixels", pixels(state))
  }
  canvas.onkeydown = event => {
    if (event.key === " ") state.down = true
    else if (event.key in ARROWS) {
      const [across, down] = ARROWS[event.key]
      const to = { x: state.pen.x + across * STEP, y: state.pen.y + down * STEP }
      if (state.down) line(state, state.pen, to)
      state.pen = to
    } else return
    event.preventDefault()
  }
  canvas.onkeyup = event => {
    if (event.key !== " ") return
    state.down = false
    setStateValue("pixels", pixels(state))
  }
}
