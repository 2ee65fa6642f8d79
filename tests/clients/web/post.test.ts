/** Envelopes that found nobody go once more, and once only. */
import type { ClientMessage } from "../../../clients/web/src/messages.ts";
import { Post } from "../../../clients/web/src/post.ts";

const FAR = "AAECAwQFBgcICQoLDA0ODw";

function posted() {
  const sent: string[] = [];
  const way = { isOpen: true };
  const post = new Post((message: ClientMessage) => {
    if (way.isOpen && message.type === "envelope") sent.push(message.body);
    return way.isOpen;
  });
  return { post, sent, way };
}

test("what was written without a socket goes when there is one", () => {
  const { post, sent, way } = posted();
  way.isOpen = false;
  post.write(FAR, "a");

  way.isOpen = true;
  post.flush();
  post.flush();

  expect(sent).toEqual(["a"]);
});

test("what was refused as away goes again when the far end is heard", () => {
  const { post, sent } = posted();
  post.write(FAR, "a");
  post.write(FAR, "b");
  post.write(FAR, "c");

  post.away();
  post.away();
  post.flush();
  post.flush();

  expect(sent).toEqual(["a", "b", "c", "b", "c"]);
});

test("what arrived does not go again", () => {
  const { post, sent } = posted();
  post.write(FAR, "a");

  post.flush();

  expect(sent).toEqual(["a"]);
});

test("more refusals than letters are no harm", () => {
  const { post, sent } = posted();
  post.write(FAR, "a");

  post.away();
  post.away();
  post.flush();

  expect(sent).toEqual(["a", "a"]);
});

test("a letter written after a refusal waits behind the refused ones", () => {
  const { post, sent } = posted();
  for (const body of ["a", "b", "c"]) post.write(FAR, body);
  for (let refusals = 0; refusals < 3; refusals += 1) post.away();

  post.write(FAR, "d");
  expect(sent).toEqual(["a", "b", "c"]);
  post.flush();

  expect(sent).toEqual(["a", "b", "c", "a", "b", "c", "d"]);
});

test("what is refused once more is kept once more", () => {
  const { post, sent } = posted();
  post.write(FAR, "a");
  post.away();
  post.write(FAR, "b");
  post.flush();

  post.away();
  post.away();
  post.flush();
  post.flush();

  expect(sent).toEqual(["a", "a", "b", "a", "b"]);
});

test("letters that wait for a socket stay in order when it opens unannounced", () => {
  const { post, sent, way } = posted();
  way.isOpen = false;
  post.write(FAR, "a");

  way.isOpen = true;
  post.write(FAR, "b");
  post.flush();

  expect(sent).toEqual(["a", "b"]);
});
