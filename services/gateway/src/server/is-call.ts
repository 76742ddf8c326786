import type { Handler } from "./one-port.js";
import { pathOf } from "./router.js";

/** Calls have a path of service and method, or gRPC's content type, with which its clients understand the answer. */
export const isCall = ({ url = "", headers }: Parameters<Handler>[0]): boolean =>
  /^\/[\w.]+\.[\w.]+\/[^/]*$/.test(pathOf(url)) || /^application\/(grpc|connect)\b/.test(headers["content-type"] ?? "");
