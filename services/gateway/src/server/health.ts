import { EventEmitter, on } from "node:events";
import { Code, ConnectError, type ConnectRouter } from "@connectrpc/connect";
import { Health, HealthCheckResponse_ServingStatus as Status } from "@polyreel/contract/grpc/health/v1/health_pb.js";

/** Whether calls can be served, for checks and watches. */
export class Serving extends EventEmitter<{ change: [serving: boolean] }> {
  #serving = false;

  constructor() {
    super();
    this.setMaxListeners(0); // One for each watching call.
  }

  get now(): boolean {
    return this.#serving;
  }

  set(serving: boolean): void {
    if (serving === this.#serving) return;
    this.#serving = serving;
    this.emit("change", serving);
  }
}

/**
 * grpc.health.v1.Health for the server ("") and each of `services`, which all share one state. `draining` ends the
 * watching calls, which would otherwise keep the server from closing.
 * Source: https://github.com/grpc/grpc/blob/master/doc/health-checking.md
 */
export function health(router: ConnectRouter, services: readonly string[], serving: Serving, draining: AbortSignal) {
  const known = new Set(["", ...services]);
  const status = () => (serving.now ? Status.SERVING : Status.NOT_SERVING);

  router.service(Health, {
    check({ service }) {
      if (!known.has(service)) throw new ConnectError(`no service is called "${service}"`, Code.NotFound);
      return { status: status() };
    },

    async *watch({ service }, { signal }) {
      const ended = AbortSignal.any([signal, draining]);
      const shown = () => ({ status: known.has(service) ? status() : Status.SERVICE_UNKNOWN });
      try {
        const changes = on(serving, "change", { signal: ended });
        yield shown();
        for await (const _ of changes) if (known.has(service)) yield shown();
      } catch (error) {
        if (draining.aborted) throw new ConnectError("the server is ending", Code.Unavailable);
        if (!ended.aborted) throw error;
      }
    },

    list: () => ({ statuses: Object.fromEntries([...known].map((name) => [name, { status: status() }])) }),
  });
}
