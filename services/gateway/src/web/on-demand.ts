import type { Log } from "@polyreel/platform/runtime";
import type { Handler } from "../server/one-port.js";
import { PROBLEM_TYPE, toProblem } from "./problem.js";

/**
 * A handler that is opened for its first request: `polyreel render` has a gateway too, and serves nothing but its own
 * calls. If that fails, the request is answered with 500, and the next one tries again.
 */
export function onDemand(open: () => Promise<Handler>, log: Log): Handler {
  let opened: Promise<Handler> | undefined;
  return (request, response) => {
    let left = false;
    response.once("close", () => {
      left = true;
    });
    opened ??= open();
    opened.then(
      (handler) => {
        if (!left) handler(request, response);
      },
      (error: unknown) => {
        opened = undefined;
        log.error({ err: error, path: request.url }, "routes could not be opened");
        if (left) return;
        response.writeHead(500, { "Content-Type": PROBLEM_TYPE });
        response.end(JSON.stringify(toProblem(error)));
      },
    );
  };
}
