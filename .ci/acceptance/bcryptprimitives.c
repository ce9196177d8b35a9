/*
 * TEST AID, never shipped: a stand-in for bcryptprimitives.dll, compiled into the throw-away
 * Wine prefix of the acceptance suite wine.sh.
 *
 * Since Go 1.22, Go programs take their random numbers from ProcessPrng in
 * bcryptprimitives.dll (https://learn.microsoft.com/windows/win32/seccng/processprng) and do
 * not start without it. Wine has it since 8.13; Debian 12 carries Wine 8.0. This one passes
 * the question on to RtlGenRandom, which advapi32 exports as SystemFunction036
 * (https://learn.microsoft.com/windows/win32/api/ntsecapi/nf-ntsecapi-rtlgenrandom).
 */
#include <windows.h>

BOOLEAN NTAPI SystemFunction036(PVOID buffer, ULONG length);

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE buffer, SIZE_T length) {
	const SIZE_T most = 1 << 30; /* RtlGenRandom counts in 32 bits */
	while (length > 0) {
		ULONG part = (ULONG)(length < most ? length : most);
		if (!SystemFunction036(buffer, part))
			return FALSE;
		buffer += part;
		length -= part;
	}
	return TRUE;
}

BOOL WINAPI DllMain(HINSTANCE self, DWORD reason, LPVOID reserved) {
	(void)self, (void)reason, (void)reserved;
	return TRUE;
}
