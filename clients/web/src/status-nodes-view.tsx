/**
 * The servers behind the service: what runs, where queues are kept, and until when it holds.
 *
 * View: draws what the server told.
 */
import type { ComponentChildren } from "preact";
import { Sign, type SignName, type Speech } from "./status-parts.tsx";
import type { NodeState, StatusState } from "./status-state.ts";

const DAY_S = 86_400;
/** Certificates are renewed a month before their end; two weeks before it, nobody has. */
const SOON_DAYS = 14;

export function Nodes({ told, speech }: { told: StatusState; speech: Speech }) {
  const { t } = speech;
  return (
    <section aria-labelledby="nodes">
      <h2 id="nodes">{t.nodes}</h2>
      <div class="nodes">
        {told.nodes.map((node) => (
          <NodeCard key={node.node} node={node} now={told.at} speech={speech} />
        ))}
      </div>
      <p class="small">{t.nodesText(told.version)}</p>
    </section>
  );
}

function NodeCard(props: { node: NodeState; now: number; speech: Speech }) {
  const { now, speech } = props;
  const { t, times } = speech;
  // The last word of a node that does not answer is not how it is now.
  const node = props.node.up
    ? props.node
    : { ...props.node, store: null, relay: null, lists_fresh: null };
  return (
    <article class="card server" data-server={node.node} data-is={node.up ? "up" : "down"}>
      <h3>
        <Sign is={node.up ? "up" : "down"} />
        {t.node(node.node)} <span class="is">{node.up ? t.up : t.away}</span>
      </h3>
      {!node.up && <p>{t.awayText}</p>}
      <dl>
        <Fact name={t.version}>{node.version ?? t.unknown}</Fact>
        <Fact name={t.started}>
          {node.started === null ? t.unknown : times.moment(node.started, now)}
        </Fact>
        <Fact name={t.store} {...storeIs(node)}>
          {node.store === null
            ? t.unknown
            : [
                t.storeKind[node.store.kind],
                node.store.memory_only ? t.memoryOnly : t.onDisk,
                ...(node.store.open ? [] : [t.closed]),
              ].join(", ")}
        </Fact>
        <Fact name={t.relay} {...(node.relay?.up === false ? { is: "down" as const } : {})}>
          {node.relay === null
            ? t.unknown
            : [
                t.relayKind[node.relay.kind],
                ...(node.relay.only ? [t.relayOnly] : []),
                ...(node.relay.up === null ? [] : [node.relay.up ? t.relayUp : t.relayDown]),
              ].join(", ")}
        </Fact>
        <Certificate ends={node.certificate_ends} now={now} speech={speech} />
        <Fact name={t.lists} {...(node.lists_fresh === false ? { is: "some" as const } : {})}>
          {node.lists_fresh === null ? t.unknown : node.lists_fresh ? t.fresh : t.stale}
        </Fact>
      </dl>
    </article>
  );
}

function storeIs({ store }: NodeState): { is?: SignName } {
  if (store === null) return {};
  if (!store.open) return { is: "down" };
  return store.memory_only ? {} : { is: "some" };
}

function Certificate(props: { ends: number | null; now: number; speech: Speech }) {
  const { ends, now, speech } = props;
  const { t, times } = speech;
  // Absent without TLS: a service on one machine has none.
  if (ends === null) return null;
  const days = Math.floor((ends - now) / DAY_S);
  const is = days < 0 ? "down" : days < SOON_DAYS ? "some" : null;
  return (
    <Fact name={t.certificate} {...(is === null ? {} : { is })}>
      {t.until(times.day(ends), days)}
      {is !== null && <b class="flag">{t.soon}</b>}
    </Fact>
  );
}

/** A fact, with a sign where somebody should look at it. */
function Fact(props: { name: string; is?: SignName; children: ComponentChildren }) {
  return (
    <div data-is={props.is}>
      <dt>{props.name}</dt>
      <dd>
        {props.is !== undefined && <Sign is={props.is} />}
        <span>{props.children}</span>
      </dd>
    </div>
  );
}
