/**
 * Documents on the screen: what is proposed, how far it is, and what was received.
 *
 * View. A picture that is not too large is shown once it is decoded; a PDF is saved and never opened here, since it
 * would be in our origin.
 */
import { localeOf } from "./languages.ts";
import { Button } from "./parts.tsx";
import { isOpen, type Item, type TalkDesk } from "./talk-desk.ts";
import type { TalkProps } from "./talking-view.tsx";
import { talkWords, type TalkWords } from "./words/talk.ts";

type Props = TalkProps & { readonly desk: TalkDesk };

export function PaperList(props: Props) {
  const { desk, words } = props;
  const t = talkWords(words);
  if (desk.items.length === 0) return null;
  return (
    <>
      <h3>{t.papers}</h3>
      <ul class="papers">
        {desk.items.map((item) => (
          <li
            key={item.id}
            data-testid="paper"
            data-mine={item.isMine}
            data-is={stateOf(desk, item)}
          >
            <One {...props} item={item} t={t} />
          </li>
        ))}
      </ul>
      {desk.shown?.url !== null && desk.shown !== null && (
        <dialog
          class="picture"
          aria-label={desk.shown.name}
          ref={(dialog) => {
            if (dialog !== null && !dialog.open) dialog.showModal();
          }}
          onClose={() => desk.hide()}
        >
          <Button id="picture-close" kind="primary" onClick={() => desk.hide()}>
            {t.hide}
          </Button>
          <img src={desk.shown.url} alt={desk.shown.name} />
        </dialog>
      )}
    </>
  );
}

/** Where a document is, in one word. */
export function stateOf(desk: TalkDesk, item: Item): string {
  if (item.is !== "current") return item.is;
  const papers = desk.strands.get(item.key)?.papers;
  if (item.isMine) return papers?.out?.is ?? "reading";
  return papers?.coming?.is ?? "lost";
}

function One({ desk, words, item, t, nameOf }: Props & { item: Item; t: TalkWords }) {
  const { paper } = item;
  const megabytes = (bytes: number) =>
    (bytes / 1_000_000).toLocaleString(localeOf(words), { maximumFractionDigits: 1 });
  const state = stateOf(desk, item);
  return (
    <>
      <p>
        <b class="paper-name" dir="auto">
          {item.paper?.name ?? item.name}
        </b>{" "}
        {paper !== null && (
          <span class="soft">
            {t.kinds[paper.kind]}, {t.size(megabytes(paper.bytes))}
          </span>
        )}
      </p>
      {state === "offered" && !item.isMine && (
        <>
          <p>{t.asks(nameOf(item.key) ?? t.gone)}</p>
          <details>
            <summary>{t.sha256}</summary>
            <code>{paper?.sha256}</code>
          </details>
        </>
      )}
      <Progress desk={desk} item={item} t={t} megabytes={megabytes} />
      <div class="paper-tools">
        {state === "offered" && !item.isMine && (
          <>
            <Button id={`paper-take-${item.id}`} kind="primary" onClick={() => desk.take(item)}>
              {t.accept}
            </Button>
            <Button id={`paper-refuse-${item.id}`} onClick={() => desk.refuse(item)}>
              {t.refuse}
            </Button>
          </>
        )}
        {isOpen(item.is) && (item.isMine || state !== "offered") && (
          <Button id={`paper-cancel-${item.id}`} onClick={() => desk.cancel(item)}>
            {item.isMine ? t.cancel : t.cancelComing}
          </Button>
        )}
        {item.blob !== null && <Received desk={desk} item={item} t={t} />}
      </div>
    </>
  );
}

function Received({ desk, item, t }: { desk: TalkDesk; item: Item; t: TalkWords }) {
  const name = item.paper?.name ?? item.name;
  return (
    <>
      {item.paper?.kind !== "pdf" && item.unshown === null && (
        <Button id={`paper-show-${item.id}`} onClick={() => void desk.show(item)}>
          {t.show}
        </Button>
      )}
      <a
        class="button primary"
        id={`paper-save-${item.id}`}
        download={name}
        href={desk.address(item)}
      >
        {t.save}
      </a>
      <Button id={`paper-forget-${item.id}`} onClick={() => desk.forget(item)}>
        {t.forget}
      </Button>
      {item.paper?.kind !== "pdf" && item.unshown !== null && (
        <p class="small">{t.unshown[item.unshown]}</p>
      )}
      <p class="small">{t.kept}</p>
    </>
  );
}

function Progress(props: {
  desk: TalkDesk;
  item: Item;
  t: TalkWords;
  megabytes: (bytes: number) => string;
}) {
  const { desk, item, t, megabytes } = props;
  const strand = desk.strands.get(item.key);
  const state = stateOf(desk, item);
  if (state === "moving") {
    const papers = strand?.papers;
    const bytes = (item.isMine ? papers?.out?.confirmed : papers?.coming?.got) ?? 0;
    const all = item.paper?.bytes ?? 1;
    const percent = Math.floor((100 * bytes) / all);
    return (
      <>
        <progress max={100} value={percent} aria-label={item.name} />
        <p class="small">
          {strand?.papers.isLinked === true
            ? t.percent(percent, megabytes(bytes), megabytes(all))
            : t.states.unlinked}
        </p>
      </>
    );
  }
  const words = sentenceOf(state, item.isMine, t);
  return words === "" ? null : <p class="small">{words}</p>;
}

function sentenceOf(state: string, isMine: boolean, { states }: TalkWords): string {
  switch (state) {
    case "kept":
      return states.unlinked;
    case "offered":
      return isMine ? states.asked : "";
    case "done":
      return isMine ? states.sent : states.done;
    case "refused":
      return isMine ? states.refusedThere : states.refused;
    default:
      return state in states ? states[state as keyof typeof states] : "";
  }
}
