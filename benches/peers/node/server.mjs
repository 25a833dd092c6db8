// One endpoint, `/hook`, on a free port that is printed: `node server.mjs stripe|github`, the secret in HOOK_SECRET.
import { createServer } from "node:http";

const secret = process.env.HOOK_SECRET;

async function github() {
  const { Webhooks, createNodeMiddleware } = await import("@octokit/webhooks");
  const webhooks = new Webhooks({ secret });
  webhooks.on("issues.opened", () => {});
  return createNodeMiddleware(webhooks, { path: "/hook" });
}

async function stripe() {
  const { default: Stripe } = await import("stripe");
  const client = new Stripe("sk_test_of_nobody");
  return async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    try {
      const signature = request.headers["stripe-signature"];
      const event = client.webhooks.constructEvent(Buffer.concat(chunks), signature, secret);
      response.statusCode = event.type === "invoice.paid" ? 200 : 418;
    } catch {
      response.statusCode = 400;
    }
    response.end();
  };
}

const receive = await { github, stripe }[process.argv[2]]();
const server = createServer(receive);
server.listen(0, "127.0.0.1", () => console.log(`127.0.0.1:${server.address().port}`));
