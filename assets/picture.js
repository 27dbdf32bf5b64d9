// A drawing that is only looked at; it takes the page's font and ink.

export default function ({ data, parentElement }) {
  const picture = parentElement.querySelector(".picture")
  picture.innerHTML = data.svg
  picture.setAttribute("aria-label", data.label)
}
