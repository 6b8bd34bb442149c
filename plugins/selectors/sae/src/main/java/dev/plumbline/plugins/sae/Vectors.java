package dev.plumbline.plugins.sae;

/** Arithmetic of vectors, sums in double precision. */
final class Vectors {
    private Vectors() {}

    static double dot(float[] a, float[] b) {
        return dot(a, 0, b, 0, a.length);
    }

    static double dot(float[] a, int fromA, float[] b, int fromB, int count) {
        double sum = 0;
        for (int i = 0; i < count; i++) {
            sum += (double) a[fromA + i] * b[fromB + i];
        }
        return sum;
    }

    static float[] minus(float[] a, float[] b) {
        float[] difference = new float[a.length];
        for (int i = 0; i < a.length; i++) {
            difference[i] = a[i] - b[i];
        }
        return difference;
    }
}
