/** The voice names in the order the API documents them. Source: openai 7.55 types. */
export const voiceNames = ['alloy', 'ash', 'ballad', 'coral', 'echo', 'sage', 'shimmer', 'verse', 'marin', 'cedar'];
