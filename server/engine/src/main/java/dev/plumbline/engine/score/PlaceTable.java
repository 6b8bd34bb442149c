package dev.plumbline.engine.score;

/**
 * From numbers to places, in 16 bytes an entry and twice as much room: an index of millions of
 * records must not fill the heap. Places are not 0.
 */
final class PlaceTable {
    private static final int SMALLEST = 1 << 10;

    private long[] keys = new long[SMALLEST];
    private long[] places = new long[SMALLEST];
    private int size;

    /** 0 where there is none. */
    long get(long key) {
        return places[slot(key, keys, places)];
    }

    void put(long key, long place) {
        if (2 * (size + 1) > keys.length) {
            grow();
        }
        int slot = slot(key, keys, places);
        size += places[slot] == 0 ? 1 : 0;
        keys[slot] = key;
        places[slot] = place;
    }

    int size() {
        return size;
    }

    private void grow() {
        long[] moreKeys = new long[2 * keys.length];
        long[] morePlaces = new long[2 * keys.length];
        for (int i = 0; i < keys.length; i++) {
            if (places[i] != 0) {
                int slot = slot(keys[i], moreKeys, morePlaces);
                moreKeys[slot] = keys[i];
                morePlaces[slot] = places[i];
            }
        }
        keys = moreKeys;
        places = morePlaces;
    }

    /** Of the key, or the empty one where it would be put. */
    private static int slot(long key, long[] keys, long[] places) {
        int mask = keys.length - 1;
        int slot = (int) (key ^ key >>> 32) & mask;
        while (places[slot] != 0 && keys[slot] != key) {
            slot = slot + 1 & mask;
        }
        return slot;
    }
}
