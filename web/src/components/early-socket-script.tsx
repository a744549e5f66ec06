/**
 * Opens the page's live connection (lib/live.ts) while its scripts are on their way: by then it is there. Text, since it
 * stands in the page itself; a module, since others wait for the styles; in the head, before a script that does.
 */
const script = `{
  const socket = new WebSocket(location.origin.replace("http", "ws") + "/socket.io/?EIO=4&transport=websocket");
  const messages = [];
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
