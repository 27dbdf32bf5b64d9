// Whoever works with the keyboard goes on near what was pressed, where that goes away, is made
// anew or can do nothing more; else the focus would fall to the top of the page.
const FOCUSABLE = "a[href], button, input, select, textarea, summary, [tabindex]"
const GOES_ON = { "start": "stop", "start-as-it-is": "stop" }   // keys of buttons

function keepFocus() {
  if (window.cnnvizKeepsFocus) return
  window.cnnvizKeepsFocus = true
  let left = null         // where the focus was last
  let byKeyboard = false

  document.addEventListener("keydown", () => { byKeyboard = true }, true)
  document.addEventListener("pointerdown", () => { byKeyboard = false }, true)
  document.addEventListener("focusin", ({ target }) => {
    const around = []
    for (let one = target.parentElement; one; one = one.parentElement) around.push(one)
    left = target.shadowRoot ? null : { target, around, key: keyOf(target) }
  })
  const goOn = () => {
    const active = document.activeElement
    if (!left || !byKeyboard || (active !== document.body && isUsable(active))) return
    if (!document.querySelector('.stApp[data-test-script-state="notRunning"]')) return
    if (!isUsable(left.target)) next(left)?.focus()
  }
  // the page has been drawn
  new MutationObserver(() => requestAnimationFrame(goOn)).observe(document.body, {
    subtree: true, attributeFilter: ["data-test-script-state"],
  })
}

function isUsable(element) {
  return element.isConnected && !element.disabled && element.tabIndex >= 0
    && element.checkVisibility({ visibilityProperty: true })
}

function usableIn(root) {
  return [...root.querySelectorAll(FOCUSABLE)].filter(isUsable)
}

// The key of a widget, without the number of the generation that it is of.
function keyOf(element) {
  const names = element.closest('.stElementContainer[class*="st-key-"]')?.classList ?? []
  return [...names].find(name => name.startsWith("st-key-"))?.slice(7).replace(/-\d+$/, "")
}

function withKey(key) {
  const found = [...document.querySelectorAll(`.stElementContainer[class*="st-key-${key}"]`)]
  return found.filter(element => keyOf(element) === key).flatMap(usableIn)[0]
}

// What to go on with: what the button makes, the widget that took its place, what is beside it, or
// the heading of the page.
function next({ target, around, key }) {
  const meant = key && ((GOES_ON[key] && withKey(GOES_ON[key])) ?? withKey(key))
  if (meant) return meant
  const main = document.querySelector(".stMain")
  for (const element of around) {
    if (element === main || element.contains(main)) break
    const near = element.isConnected ? usableIn(element) : []
    const after = one => target.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING
    if (near.length) return target.isConnected ? near.find(after) ?? near[0] : near[0]
  }
  const heading = main?.querySelector("h2")
  heading?.setAttribute("tabindex", "-1")
  return heading
}
