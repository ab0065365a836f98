"""STAGE 4 decide: ranking, commission meeting, votes, minutes, awards, publication, answers and complaints."""
