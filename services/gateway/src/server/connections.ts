import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { clientAddress } from "./client-address.js";
import { plainAddress } from "./forwarded.js";
import type { OpenCall } from "./open-call.js";

export interface ConnectionLimits {
  readonly maxConnections: number;
  /** Per client address, except those of trusted proxies, which all clients behind them share. */
  readonly maxConnectionsPerAddress: number;
  /** Whether an address is that of a trusted proxy. */
  readonly isProxy?: (address: string) => boolean;
  /** How long a client may stall in the middle of a request or of reading a response. */
  readonly stallTimeoutMs: number;
}

const POLL_MS = 1000;
/** A call whose client was active within this time is not evicted. */
const FRESH_MS = 1000;

/** A connection and its calls. */
export class Connection {
  /** Its protocol is known. */
  isOpened = false;
  readonly #calls = new Set<OpenCall>();
  #withoutCallSince = Date.now();
  #endedAt: number | undefined;

  #secured: TLSSocket | undefined;

  constructor(
    private readonly plain: Socket,
    readonly address: string,
  ) {}

  /** What its calls are sent over. */
  get socket(): Socket {
    return this.#secured ?? this.plain;
  }

  get isSecured(): boolean {
    return this.#secured !== undefined;
  }

  /** Its handshake of TLS is complete. */
  secure(secured: TLSSocket): void {
    this.#secured = secured;
  }

  begin(call: OpenCall): void {
    this.#calls.add(call);
  }

  end(call: OpenCall): void {
    this.#calls.delete(call);
    this.#withoutCallSince = Date.now();
  }

  /** Since when it only waits for its client; undefined if it is active, or was a moment ago. */
  quietSince(now: number): number | undefined {
    if (this.#calls.size === 0) return this.#withoutCallSince;
    let latest = 0;
    for (const { waitsSince = now } of this.#calls) latest = Math.max(latest, waitsSince);
    return now - latest >= FRESH_MS ? latest : undefined;
  }

  check(now: number, stallTimeoutMs: number): void {
    for (const call of this.#calls) call.check(now, stallTimeoutMs);
    // Ended on our side: a client that does not end its own would keep it open.
    if (this.socket.writableEnded) this.#endedAt ??= now;
    if (this.#endedAt !== undefined && now - this.#endedAt >= stallTimeoutMs) this.socket.destroy();
  }
}

/**
 * All connections. If there are too many, in total or from one client, the one that has been idle for longest is
 * closed: one without a call, or whose calls all wait for their client. So a new client finds room however many idle
 * connections are held open.
 */
export class Connections {
  readonly #byAddress = new Map<string, Set<Connection>>();
  readonly #timer: NodeJS.Timeout;
  #count = 0;

  constructor(private readonly limits: ConnectionLimits) {
    const look = Math.min(POLL_MS, limits.stallTimeoutMs / 2);
    this.#timer = setInterval(() => this.#check(), look).unref();
  }

  /** Registers a connection until it is closed; undefined (and it is closed) if no room can be made for it. */
  admit(socket: Socket): Connection | undefined {
    const address = clientAddress(socket.remoteAddress);
    const isProxy = this.limits.isProxy?.(plainAddress(socket.remoteAddress ?? "")) ?? false;
    if (address === undefined || !this.#makeRoom(address, isProxy)) {
      socket.destroy();
      return undefined;
    }
    const connection = new Connection(socket, address);
    const own = this.#byAddress.get(address) ?? new Set();
    this.#byAddress.set(address, own.add(connection));
    this.#count++;
    socket.once("close", () => this.#forget(connection));
    return connection;
  }

  *[Symbol.iterator](): Generator<Connection> {
    for (const own of this.#byAddress.values()) yield* own;
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #check(): void {
    const now = Date.now();
    for (const connection of this) connection.check(now, this.limits.stallTimeoutMs);
  }

  #makeRoom(address: string, isProxy: boolean): boolean {
    const { maxConnections, maxConnectionsPerAddress } = this.limits;
    const own = this.#byAddress.get(address);
    if (!isProxy && own && own.size >= maxConnectionsPerAddress && !this.#evictFrom(own)) return false;
    if (this.#count < maxConnections) return true;
    // Clients with the most connections are evicted first.
    const clients = [...this.#byAddress.values()].sort((one, other) => other.size - one.size);
    return clients.some((connections) => this.#evictFrom(connections));
  }

  #evictFrom(connections: ReadonlySet<Connection>): boolean {
    const now = Date.now();
    let quietest: Connection | undefined;
    let since = Number.POSITIVE_INFINITY;
    for (const connection of connections) {
      const quietSince = connection.quietSince(now);
      if (quietSince === undefined || quietSince >= since) continue;
      quietest = connection;
      since = quietSince;
    }
    if (!quietest) return false;
    this.#forget(quietest);
    quietest.socket.destroy();
    return true;
  }

  #forget(connection: Connection): void {
    const own = this.#byAddress.get(connection.address);
    if (!own?.delete(connection)) return;
    this.#count--;
    if (own.size === 0) this.#byAddress.delete(connection.address);
  }
}
