/* `bcryptprimitives.dll`, which Rust's programs need and old versions of wine lack. */
#include <windows.h>

BOOLEAN WINAPI SystemFunction036(PVOID bytes, ULONG len); /* RtlGenRandom */

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE bytes, SIZE_T len) {
    return SystemFunction036(bytes, (ULONG)len);
}
