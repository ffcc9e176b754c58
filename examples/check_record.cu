// Checks a record of the founding job with stock cuRAND and nothing of graveler's:
//   nvcc check_record.cu -o check_record && ./check_record SEED SESSION
#include <cstdio>
#include <cstdlib>
#include <curand_kernel.h>

// The bits of a session, lowest first, word by word.
struct Bits {
    curandStatePhilox4_32_10_t state;
    unsigned word, left;

    __device__ unsigned next()
    {
        if (left == 0) {
            word = curand(&state);
            left = 32;
        }
        unsigned bit = word & 1;
        word >>= 1;
        left--;
        return bit;
    }
};

__global__ void play(unsigned long long seed, unsigned long long session, int *score)
{
    Bits bits;
    bits.left = 0;
    curand_init(seed, session, 0, &bits.state);
    int undecided = 0; // 1/4 is 0.01 in binary: a roll with first digit 1 does not score
    for (int roll = 0; roll < 231; roll++)
        undecided += bits.next() == 0;
    *score = 0; // of the others, a roll with second digit 0 scores
    for (int roll = 0; roll < undecided; roll++)
        *score += bits.next() == 0;
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: check_record SEED SESSION\n");
        return 2;
    }
    int *d_score, score;
    cudaError_t error = cudaMalloc(&d_score, sizeof *d_score);
    if (error == cudaSuccess) {
        play<<<1, 1>>>(strtoull(argv[1], nullptr, 0), strtoull(argv[2], nullptr, 0), d_score);
        error = cudaGetLastError();
    }
    if (error == cudaSuccess)
        error = cudaMemcpy(&score, d_score, sizeof score, cudaMemcpyDeviceToHost);
    if (error != cudaSuccess) {
        fprintf(stderr, "%s\n", cudaGetErrorString(error));
        return 1;
    }
    printf("%d\n", score);
    return 0;
}
