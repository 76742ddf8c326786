import type { Socket } from "node:net";
import { createServer, type SecureContextOptions, type Server, type TLSSocket } from "node:tls";

/** The certificate for new connections; another object once it was replaced. */
export interface CertificateSource {
  readonly options: SecureContextOptions;
}

/** Ends TLS on accepted connections, and agrees on HTTP/2 or HTTP/1.1 (ALPN). */
export class Handshakes {
  readonly #server: Server;
  #options: SecureContextOptions;
  readonly #pending = new Map<string, (secured: TLSSocket) => void>();

  /** A handshake that takes longer than `timeoutMs` is cut, however steadily its bytes drip. */
  constructor(
    private readonly certificate: CertificateSource,
    private readonly timeoutMs: number,
  ) {
    this.#options = certificate.options;
    // It never listens itself, and without a client's certificate nobody renegotiates.
    this.#server = createServer({ ...this.#options, ALPNProtocols: ["h2", "http/1.1"] }, (secured) => {
      secured.on("error", () => {}); // A client that disconnected; its calls report their own ends.
      this.#pending.get(keyOf(secured))?.(secured);
    });
  }

  /** `report` is not called for a connection whose handshake fails: it is closed. */
  begin(socket: Socket, report: (secured: TLSSocket) => void): void {
    const key = keyOf(socket);
    const timer = setTimeout(() => socket.destroy(), this.timeoutMs);
    const over = () => {
      clearTimeout(timer);
      this.#pending.delete(key);
    };
    socket.once("close", over);
    this.#pending.set(key, (secured) => {
      over();
      report(secured);
    });
    if (this.certificate.options !== this.#options) {
      this.#options = this.certificate.options;
      this.#server.setSecureContext(this.#options);
    }
    this.#server.emit("connection", socket);
  }
}

/** Identifies a connection to one port: TLS sockets do not refer to what they were made of. */
const keyOf = ({ remoteAddress, remotePort, localAddress }: Socket): string =>
  `${remoteAddress} ${remotePort} ${localAddress}`;
