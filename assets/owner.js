// Keeps the signed id of whoever uses this browser for a year.
export default function ({ data }) {
  const secure = location.protocol === "https:" ? "; Secure" : ""
  document.cookie =
    `${data.name}=${data.value}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`
}
