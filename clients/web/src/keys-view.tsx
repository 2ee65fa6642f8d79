/**
 * The list of keys, and the switch that turns those of one character off.
 *
 * View: draws, and tells the page what was clicked.
 */
import { Button } from "./parts.tsx";
import { KEYS } from "./shortcuts.ts";
import type { Words } from "./words/fr.ts";
import { wardWords } from "./words/ward.ts";

export interface Keys {
  readonly isOn: boolean;
  /** The list is open. */
  readonly isListed: boolean;
  readonly onSwitch: (isOn: boolean) => void;
  readonly onList: (isListed: boolean) => void;
}

export function KeysSwitch({ keys, words }: { keys: Keys; words: Words }) {
  const t = wardWords(words).keys;
  return (
    <>
      <label>
        <input
          type="checkbox"
          id="one-key"
          checked={keys.isOn}
          onChange={() => keys.onSwitch(!keys.isOn)}
        />
        <span>{t.toggle}</span>
      </label>
      <Button id="keys" label={t.open} onClick={() => keys.onList(true)}>
        ?
      </Button>
    </>
  );
}

/** A dialog: the browser keeps the focus in it, and gives it back. */
export function KeysList({ keys, words }: { keys: Keys; words: Words }) {
  const t = wardWords(words).keys;
  return (
    <dialog
      class="card keys"
      aria-labelledby="keys-title"
      data-keys
      ref={(dialog) => {
        if (dialog !== null && !dialog.open) dialog.showModal();
      }}
      onClose={() => keys.onList(false)}
    >
      <h2 id="keys-title">{t.title}</h2>
      {!keys.isOn && <p class="notice">{t.off}</p>}
      <dl>
        {Object.entries(KEYS).map(([key, act]) => (
          <div key={key}>
            <dt>
              <kbd>{key.toUpperCase()}</kbd>
            </dt>
            <dd>{t.of[act]}</dd>
          </div>
        ))}
        <div>
          <dt>
            <kbd>{t.both}</kbd>
          </dt>
          <dd>{t.bothText}</dd>
        </div>
      </dl>
      <p class="small">{t.typing}</p>
      <Button id="close-keys" kind="primary" onClick={() => keys.onList(false)}>
        {t.close}
      </Button>
    </dialog>
  );
}
