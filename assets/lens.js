// A picture under a lens: drag it, or use the arrow keys. A ring shows where the box will be; Python
// hears of "unit", [row, column], when it is let go.

const ARROWS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }
const clamp = (value, count) => Math.min(count - 1, Math.max(0, value))

export default function ({ data, parentElement, setTriggerValue }) {
  const lens = parentElement.querySelector(".lens")
  const image = lens.querySelector("img")
  const ring = lens.querySelector(".ring")
  const state = lens.state ??= { moves: false }
  // a page that is drawn between the press of a key and its release takes nothing back
  if (!state.moves) state.unit = data.unit
  image.src = data.source
  image.alt = data.alt
  lens.setAttribute("aria-label", data.label)
  lens.classList.toggle("moving", state.moves)

  function move(next) {
    state.moves = true
    state.unit = next.map((value, axis) => clamp(value, data.counts[axis]))
    const [top, left] = state.unit.map((value, axis) => data.first[axis] + value * data.step[axis])
    const [height, width] = data.size
    Object.assign(ring.style, {
      top: `${100 * top}%`,
      left: `${100 * left}%`,
      height: `${100 * height}%`,
      width: `${100 * width}%`,
    })
    lens.classList.add("moving")
  }
  function at(event) {
    const box = image.getBoundingClientRect()
    const place = [(event.clientY - box.top) / box.height, (event.clientX - box.left) / box.width]
    return place.map((part, axis) =>
      data.step[axis] ? Math.round((part - data.first[axis]) / data.step[axis]) : 0)
  }
  function tell() {
    if (!state.moves) return
    state.moves = false
    const moved = state.unit.some((value, axis) => value !== data.unit[axis])
    if (moved) setTriggerValue("unit", state.unit)
    else lens.classList.remove("moving")
  }
  lens.onpointerdown = event => { lens.setPointerCapture(event.pointerId); move(at(event)) }
  lens.onpointermove = event => { if (lens.hasPointerCapture(event.pointerId)) move(at(event)) }
  lens.onpointerup = tell
  lens.onkeydown = event => {
    if (!(event.key in ARROWS)) return
    move(state.unit.map((value, axis) => value + ARROWS[event.key][axis]))
    event.preventDefault()
  }
  lens.onkeyup = event => { if (event.key in ARROWS) tell() }
  lens.onblur = tell
}
