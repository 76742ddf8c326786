import { createServer } from "node:http";
import { env } from "node:process";
import { Webhook } from "standardwebhooks"; // npm install standardwebhooks

const webhook = new Webhook(env.WEBHOOK_SECRET);
createServer(async (request, response) => {
  let body = "";
  for await (const chunk of request) body += chunk;
  try {
    const { type, data } = webhook.verify(body, request.headers); // throws unless the signature is right
    console.log(request.headers["webhook-id"], type, data.batchId ?? "");
    response.writeHead(204).end();
  } catch {
    response.writeHead(401).end();
  }
}).listen(env.PORT ?? 3000, "127.0.0.1");
