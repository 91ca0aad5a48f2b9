// Package dlms lets a DLMS client that is not ours read our simulated meter:
// peer.py, on the Gurux Python library, in a process of its own. It holds tests
// only. PHUTAI_VENV names a Python environment with ../requirements.txt in it;
// with PHUTAI_REAL=1 its absence is a failure and not a reason to skip.
package dlms
