// Keeps the signed id of whoever uses this browser for a year, in another site's frame, too, if such
// frames are meant: then each site around it has a cookie of its own.
export default function ({ data }) {
  const isSafe = location.protocol === "https:"
  const site = isSafe && data.framed ? "None; Partitioned" : "Lax"
  document.cookie =
    `${data.name}=${data.value}; Path=/; Max-Age=31536000; SameSite=${site}${isSafe ? "; Secure" : ""}`
}
