// Whoever works with the keyboard goes on near what was pressed, where that goes away, is drawn anew
// under another key or can do nothing more: else the focus would fall to the top of the page. Only a
// focus that is lost is moved, but for the start of a run, which hands it to the stop as soon as that
// is there; and none of somebody who has pressed on.
const FOCUSABLE = "a[href], button, input, select, textarea, summary, [tabindex]"
const START = new Set(["start", "start-as-it-is", "instead", "until-limit"])  // keys of buttons
const STOP = "stop"
const AT_REST = '.stApp[data-test-script-state="notRunning"]'

function keepFocus() {
  if (window.cnnvizKeepsFocus) return
  window.cnnvizKeepsFocus = true
  let left = null   // where the focus was last, of somebody who works with the keyboard
  let byKeyboard = true

  const follow = event => {
    byKeyboard = true
    left = placeOf(event.composedPath()[0])
  }
  addEventListener("keydown", follow, true)
  // by a key, or by a screen reader, which presses without one
  addEventListener("click", event => {
    if (event.detail) return
    follow(event)
    if (left) left.starts = START.has(left.key)
  }, true)
  addEventListener("pointerdown", () => { byKeyboard = false; left = null }, true)
  addEventListener("focusin", event => {
    left = byKeyboard ? placeOf(event.composedPath()[0]) : null
  }, true)

  const goOn = () => {
    if (!left || ![document.body, left.target].includes(document.activeElement)) return
    if (!document.querySelector(AT_REST)) left.isDrawn = true
    else if (left.starts && left.isDrawn && withKey(STOP)) withKey(STOP).focus()
    else if (!isUsable(left.target)) next(left)?.focus()
  }
  let frame = 0
  new MutationObserver(() => {
    cancelAnimationFrame(frame)
    frame = requestAnimationFrame(goOn)
  }).observe(document.body, {
    subtree: true, childList: true, attributeFilter: ["data-test-script-state", "disabled"],
  })
}

// What is needed to go on from an element that may go away; components look after what is in them.
function placeOf(pressed) {
  const target = pressed.closest?.(FOCUSABLE)
  if (!target || target.tabIndex < 0 || target.getRootNode() !== document) return null
  const around = []
  for (let one = target.parentElement; one; one = one.parentElement) around.push(one)
  return { target, around, key: keyOf(target), path: location.pathname }
}

function isUsable(element) {
  return element.isConnected && !element.disabled && element.tabIndex >= 0
    && element.checkVisibility({ visibilityProperty: true })
}

function usableIn(root) {
  return [...root.querySelectorAll(FOCUSABLE)].filter(isUsable)
}

// Where work goes on: not at the help of a widget.
function placesIn(root) {
  return usableIn(root).filter(one => !one.closest('[data-testid="stWidgetLabel"]'))
}

// The key of a widget, without the number of the generation that it is of.
function keyOf(element) {
  const names = element.closest('.stElementContainer[class*="st-key-"]')?.classList ?? []
  return [...names].find(name => name.startsWith("st-key-"))?.slice(7).replace(/-\d+$/, "")
}

function withKey(key) {
  const found = [...document.querySelectorAll(`.stElementContainer[class*="st-key-${key}"]`)]
  return found.filter(element => keyOf(element) === key).flatMap(placesIn)[0]
}

// What to go on with: on another page its heading; the widget that took the place, after a start
// no other, what is beside it, or the heading of the page.
function next({ target, around, key, path, starts }) {
  const main = document.querySelector(".stMain")
  const heading = main?.querySelector("h2")
  heading?.setAttribute("tabindex", "-1")
  if (path !== location.pathname) return heading
  const same = key && withKey(key)
  if (same || starts) return same
  for (const element of around) {
    if (element === main || element.contains(main)) break
    const near = element.isConnected ? placesIn(element) : []
    const after = one => target.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING
    if (near.length) return (target.isConnected && near.find(after)) || near[0]
  }
  return heading
}
