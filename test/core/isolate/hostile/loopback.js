/** Asks a server of the host on this machine. */
export async function attack({ port }) {
  const response = await fetch(`http://127.0.0.1:${port}/`);
  return response.text();
}
