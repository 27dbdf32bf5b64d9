// What the colour of a node says: its kind, or how much it has of a measure beside the other nodes
// of the drawing, as cnnviz/render/colouring.py has it.

// The colours of what is drawn: of a node by its id, and what their legend has to tell.
function coloursOf(network, { nodes }, by) {
  const { scale, none, texts } = network.colours
  const measure = Object.keys(texts).indexOf(by)
  const about = id => network.about[id]
  const isMeasured = measure >= 0
  let most = 0
  let hasUnknown = false
  for (const id of isMeasured ? nodes.keys() : []) {
    const amount = about(id).amounts[measure]
    most = Math.max(most, amount)
    hasUnknown ||= amount === null
  }
  const of = id => {
    const { kind, isBroken, amounts } = about(id)
    if (isBroken) return network.kinds.broken
    if (!isMeasured) return network.kinds[kind]
    return amounts[measure] === null ? none : shadeOf(scale, most && amounts[measure] / most)
  }
  return { of, by, most, hasUnknown, isMeasured }
}

// The colour of a share of the largest, from 0 to 1.
function shadeOf(scale, share) {
  return scale[Math.round(share * (scale.length - 1))]
}

// The entries of the legend of a measure; null where the colours say the kind.
function measured({ by, most, hasUnknown, isMeasured }, { scale, none, shares, texts }, words) {
  if (!isMeasured) return null
  const known = new Map(texts[by]).get(most)
  const entries = known.map((text, step) => entry(shadeOf(scale, shares[step]), text))
  return hasUnknown ? [...entries, entry(none, words.colours[by])] : entries
}

function entry({ colour }, text) {
  const made = document.createElement("span")
  const field = document.createElement("i")
  field.style.background = colour
  made.append(field, text)
  return made
}
