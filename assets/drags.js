// Tells Python of a slider while it is dragged; Streamlit itself reports it when it is let go. The
// next value goes out when the page has followed the last one; the drag's last value always does.

const PAUSE = 200  // ms between two values
const PATIENCE = 3000  // ms after which a page that has not followed is no longer waited for

const selector = key => `.st-key-${key.replace(/[^a-zA-Z0-9_-]/g, "-")}`

export default function ({ data, parentElement, setStateValue }) {
  const drag = parentElement.drag ??= { shown: null, told: null }

  function tell(ended) {
    drag.shown = drag.input.value
    const at = Date.now()
    const gesture = drag.told?.ended === false ? drag.told.gesture : at
    drag.told = { slider: drag.key, value: Number(drag.shown), gesture, at, ended }
    setStateValue("drag", drag.told)
  }
  function look() {
    if (!drag.input.isConnected) clearInterval(drag.timer)
    const waits = drag.told && !drag.told.ended && drag.told.at !== drag.followed
    if (waits && Date.now() - drag.told.at < PATIENCE) return
    if (drag.input.value !== drag.shown) tell(false)
  }
  function down(event) {
    const key = data.sliders.find(name => event.target.closest?.(selector(name)))
    const input = key && event.target.closest(selector(key)).querySelector("input[type=range]")
    if (!input || event.button) return
    up()
    Object.assign(drag, { key, input, shown: input.value, timer: setInterval(look, PAUSE) })
  }
  function up() {
    clearInterval(drag.timer)
    // a moment later the slider shows where it was let go
    if (drag.told?.ended === false) setTimeout(() => tell(true))
  }

  drag.followed = data.followed
  parentElement.end?.()
  const listeners = Object.entries({ pointerdown: down, pointerup: up, pointercancel: up })
  for (const [name, hear] of listeners) addEventListener(name, hear, true)
  const end = () => listeners.forEach(([name, hear]) => removeEventListener(name, hear, true))
  parentElement.end = end
  return end
}
