import { KeptTexts } from './kept.ts';

/** What the user is writing: kept in the browser so that a reload loses nothing but keys. */
const STORAGE_KEY = 'earshot.drafts';

export const DEFAULT_SESSION_TEXT = `{
  "type": "realtime",
  "instructions": "You answer the phone of a small restaurant. Be warm and brief; one or two sentences at a time.",
  "output_modalities": ["audio"],
  "audio": {
    "input": {
      "format": { "type": "audio/pcm", "rate": 24000 },
      "turn_detection": {
        "type": "server_vad",
        "threshold": 0.5,
        "prefix_padding_ms": 300,
        "silence_duration_ms": 500,
        "create_response": true,
        "interrupt_response": true
      }
    },
    "output": {
      "format": { "type": "audio/pcm", "rate": 24000 },
      "voice": "marin"
    }
  }
}
`;

export const DEFAULT_EVENT_TEXT = `{
  "type": "conversation.item.create",
  "item": {
    "type": "message",
    "role": "user",
    "content": [{ "type": "input_text", "text": "Hello" }]
  }
}
`;

export const DEFAULT_TOOLS_TEXT = '[]\n';

type DraftName = 'session' | 'tools' | 'event';

class Drafts {
	session = $state(DEFAULT_SESSION_TEXT);
	tools = $state(DEFAULT_TOOLS_TEXT);
	event = $state(DEFAULT_EVENT_TEXT);
	readonly #kept = new KeptTexts(STORAGE_KEY);

	constructor() {
		for (const name of ['session', 'tools', 'event'] as const) this[name] = this.#kept.read(name) ?? this[name];
	}

	write(name: DraftName, text: string): void {
		if (this[name] === text) return;
		this[name] = text;
		this.#kept.write(name, text);
	}
}

export const drafts = new Drafts();
