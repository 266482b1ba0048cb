"""Certification of SME service institutions (湘工信中小服务〔2024〕299号), from form to plaque.

    template + schema ──render──► forms go out
                                     │ filled in, signed, stamped, sent back
    inbox/ ──intake──► read ──► extract ──► check ──► outbox/
    (any file)        Document   values     findings   what it says, what is wrong
                                                          │ reviewed by people
                                              announce ◄──┘ publicity, notice, plaque

`flow` tells this on one page; `cli` is the commands.
"""
