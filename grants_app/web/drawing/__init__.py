"""Drawing of PDF and XLSX, run as a child process: plain data in, bytes out, no web framework, no database."""
