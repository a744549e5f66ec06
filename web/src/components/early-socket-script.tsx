/**
 * Opens the page's live connection (lib/live.ts) while its scripts are on their way, and greets as socket.io does
 * ("40": connect, without more): by then the server knows who is there. Text, since it stands in the page itself; a
 * module, since other scripts wait for the styles; in the head, before one that does.
 */
const script = `{
  const socket = new WebSocket(location.origin.replace("http", "ws") + "/socket.io/?EIO=4&transport=websocket");
  socket.binaryType = "arraybuffer";
  const messages = [];
  socket.onopen = () => socket.send("40");
  socket.onmessage = ({ data }) => messages.push(data);
  window.earlySocket = { socket, messages };
}`;

export function EarlySocketScript({ nonce }: { nonce: string | undefined }) {
  return (
    <script type="module" async nonce={nonce} suppressHydrationWarning>
      {script}
    </script>
  );
}
