// A drawing that is only looked at; it takes the page's font and ink.

export default function ({ data, parentElement }) {
  const picture = parentElement.querySelector(".picture")
  picture.innerHTML = data.svg
  picture.role = "img"  // with its name, not before
  picture.setAttribute("aria-label", data.label)
  // the keyboard scrolls what is wider than its place
  const observer = new ResizeObserver(() => {
    picture.tabIndex = picture.scrollWidth > picture.clientWidth ? 0 : -1
  })
  observer.observe(picture)
  return () => observer.disconnect()
}
