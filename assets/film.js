// A picture that moves: of the drawing's groups "frame-0", "frame-1" … one is shown at a time.
// Pointing at the group "target-3" shows frame 3. Python hears of "at", counted from 1, when the
// picture stands still.

const PACE = 1100 // ms a frame
const LEAST = 0.79 // of a drawing's width, at which its text has 11 px
const MOST = 1.5 // and 21 px, to be read at the back of a room
const TALL = 300 // px: a drawing grows no higher, so that what it is made of stays beside it
const films = new WeakMap()

export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".film")
  const picture = root.querySelector(".picture")
  const slider = root.querySelector("input")
  const state = films.get(root) ?? {}
  films.set(root, state)
  const last = data.frames.length

  if (state.svg !== data.svg) {
    picture.innerHTML = data.svg
    const svg = picture.firstElementChild  // on a phone it shrinks before it scrolls
    const [width, height] = ["width", "height"].map(side => Number(svg.getAttribute(side)))
    svg.style.minWidth = `${LEAST * width}px`
    svg.style.width = `${Math.max(1, Math.min(MOST, TALL / height)) * width}px`
    state.svg = data.svg
    stop()
    state.at = undefined
  }
  if (state.asked !== data.at || state.at === undefined) show(Math.min(data.at, last))
  else show(Math.min(state.at, last))
  state.asked = data.at

  root.hidden = false  // before, its controls have no names
  root.setAttribute("aria-label", data.label)
  picture.setAttribute("aria-label", data.label)
  slider.max = last
  slider.setAttribute("aria-label", data.words.step)
  for (const act of ["back", "play", "next"]) {
    const button = root.querySelector(`[data-act=${act}]`)
    button.title = data.words[act]
    button.setAttribute("aria-label", data.words[act])
    button.onclick = () => acts[act]()
  }
  slider.oninput = () => { stop(); show(Number(slider.value)) }
  slider.onchange = tell
  picture.onpointerover = event => {
    const target = event.target.closest("[data-id^='target-']")
    if (!target || state.timer) return
    show(Number(target.dataset.id.slice("target-".length)) + 1)
  }
  picture.onclick = event => { if (event.target.closest("[data-id^='target-']")) { stop(); tell() } }

  function show(at) {
    state.at = at
    for (const group of picture.querySelectorAll("[data-shown]")) delete group.dataset.shown
    for (const group of picture.querySelectorAll(`[data-id="frame-${at - 1}"]`)) group.dataset.shown = ""
    slider.value = at
    root.querySelector(".count").textContent = `${at} / ${data.frames.length}`
    root.querySelector(".said").textContent = data.frames[at - 1]
  }
  function stop() {
    clearInterval(state.timer)
    state.timer = undefined
    root.querySelector("[data-act=play]").textContent = "▶"
  }
  function tell() {
    if (state.at === state.asked) return
    state.asked = state.at
    setStateValue("at", state.at)
  }
  function go(by) {
    stop()
    show((state.at - 1 + by + last) % last + 1)
    tell()
  }
  function play() {
    if (state.timer) { stop(); tell(); return }
    if (state.at === last) show(1)
    root.querySelector("[data-act=play]").textContent = "❚❚"
    state.timer = setInterval(() => {
      if (state.at < last) show(state.at + 1)
      if (state.at === last) { stop(); tell() }
    }, PACE)
  }
  const acts = { back: () => go(-1), next: () => go(1), play }
  return () => clearInterval(state.timer)
}
