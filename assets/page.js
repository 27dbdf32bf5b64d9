// Tells the browser, its fonts and its screen reader the language of the page, and puts what
// Streamlit itself says, in English alone, into that language, whenever it appears. And lets the
// keyboard scroll what holds nothing else that it could go to.
const ATTRIBUTES = ["aria-label", "placeholder", "title"]
const SCROLLERS = '[class*="st-key-"]:is([class*="pane"], [class*="overlay"]), .stCode pre'
const NAMES = "td, code, [role=option][data-key]"  // what users and networks are called stays

function translator(words) {
  const exact = new Map(Object.entries(words))
  const patterns = Object.entries(words)
    .filter(([said]) => said.includes("{}"))
    .map(([said, meant]) => {
      const parts = said.split("{}").map(part => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
      return [new RegExp(`^${parts.join("(.+)")}$`), meant]
    })
  return function translate(text) {
    const said = text.trim()
    if (exact.has(said)) return text.replace(said, () => exact.get(said))
    for (const [pattern, meant] of patterns) {
      const found = pattern.exec(said)
      if (found) return meant.replace("{}", () => translate(found[1]))
    }
    return text
  }
}

function letScroll() {
  for (const element of [...document.querySelectorAll(SCROLLERS)].reverse()) {   // inner ones first
    const isLong = element.scrollHeight > element.clientHeight
    const isWide = element.scrollWidth > element.clientWidth
    if ((isLong || isWide) && !usableIn(element).length) element.tabIndex = 0
    else if (element !== document.activeElement) element.removeAttribute("tabindex")
  }
}

export default function ({ data, parentElement }) {
  keepFocus()
  keepEntries()
  document.documentElement.lang = data.language
  const translate = translator(data.words)

  function put(node) {
    if (node.nodeType === Node.TEXT_NODE) {
      const text = translate(node.data)
      if (text !== node.data && !node.parentElement?.closest(NAMES)) node.data = text
    } else if (node.nodeType === Node.ELEMENT_NODE) {
      for (const name of ATTRIBUTES) {
        const before = node.getAttribute(name)
        const text = before && translate(before)
        if (text !== before) node.setAttribute(name, text)
      }
    }
  }

  function putAll(root) {
    const inside = document.createTreeWalker(
      root,
      NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT,
      node => node.nodeName === "svg" ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT,
    )
    for (let node = root; node; node = inside.nextNode()) put(node)
  }

  parentElement.observer?.disconnect()
  const observer = new MutationObserver(changes => {
    cancelAnimationFrame(parentElement.frame)
    parentElement.frame = requestAnimationFrame(letScroll)
    for (const change of changes) {
      if (change.target.ownerSVGElement) continue  // a chart, which is drawn anew each second
      if (change.type === "childList") change.addedNodes.forEach(putAll)
      else put(change.target)
    }
  })
  const what = { subtree: true, childList: true, characterData: true, attributeFilter: ATTRIBUTES }
  observer.observe(document.body, what)
  parentElement.observer = observer
  putAll(document.body)
  return () => {
    cancelAnimationFrame(parentElement.frame)
    observer.disconnect()
  }
}
