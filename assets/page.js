// Tells the browser, its fonts and its screen reader the language of the page.
export default function ({ data }) {
  document.documentElement.lang = data.language
}
